"""The one door to ports of the target that are spoken to without HTTP.

Every call is bounded by a time that counts from its begin to its end, not between two bytes.
"""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ssl


class Silence(StrEnum):
    """Why there is no connection, or no longer one."""

    REFUSED = "connection refused"
    TIME_OUT = "no answer in time"
    UNKNOWN = "there is no host of this name"
    NO_ROUTE = "there is no way to this host"
    CLOSED = "the connection was closed"
    NO_TLS = "no TLS came about"


class Unreachable(Exception):  # noqa: N818
    """Nothing is there to speak with; `silence` says why, `cause` in more words."""

    def __init__(self, silence: Silence, cause: str = "") -> None:
        """Keep both."""
        super().__init__(f"{silence}: {cause}" if cause else str(silence))
        self.silence = silence


@dataclass(frozen=True)
class Handshake:
    """What a TLS server shows."""

    version: str
    """`TLSv1.2`, `TLSv1.3`."""
    cipher: str
    certificate: bytes
    """Its own certificate, DER."""
    distrust: str = ""
    """Why the certificate is not trusted, in OpenSSL's words; empty where it is."""
    weak: str = ""
    """Why a careful client gets no TLS at all, though a lenient one does."""


class Connection(Protocol):
    """A TCP connection that ends by itself when its time is over."""

    def __enter__(self) -> "Connection":
        """Return itself."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close it."""
        ...

    def send(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            Unreachable: the peer does not take it.
        """
        ...

    def receive(self, at_most: int = 65_536) -> bytes:
        """Return some bytes, none at the end.

        Raises:
            Unreachable: time is over, or the connection broke.
        """
        ...


class Sockets(Protocol):
    """Opens connections to the target."""

    def resolve(self, name: str, *, timeout: float) -> tuple[str, ...]:
        """Return the addresses of a name, sorted.

        Raises:
            Unreachable: it has none, or nobody says in time.
        """
        ...

    def connect(self, host: str, port: int, *, timeout: float) -> Connection:
        """Return a connection that lives for at most `timeout` seconds.

        Raises:
            Unreachable: none came about.
        """
        ...

    def handshake(
        self,
        host: str,
        port: int,
        *,
        server_name: str,
        timeout: float,
        authority: str | None = None,
    ) -> Handshake:
        """Return what a TLS server shows, also where it is not trusted.

        Args:
            host: where to connect.
            port: where to connect.
            server_name: name that is asked for, and that the certificate has to carry.
            timeout: seconds for all of it.
            authority: certificates (PEM) that are trusted instead of the system's.

        Raises:
            Unreachable: no connection, or no TLS, came about.
            ValueError: `authority` holds no certificate.
        """
        ...


class TargetSockets:
    """Implements `Sockets` through the system's own."""

    def resolve(self, name: str, *, timeout: float) -> tuple[str, ...]:
        """Ask the system's resolver, which knows no time limit of its own."""
        found: list[tuple[str, ...] | Unreachable] = []

        def ask() -> None:
            try:
                infos = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
                found.append(tuple(sorted({str(info[4][0]) for info in infos})))
            except (OSError, UnicodeError) as error:
                again = getattr(error, "errno", None) == socket.EAI_AGAIN
                silence = Silence.TIME_OUT if again else Silence.UNKNOWN
                found.append(Unreachable(silence, name))

        thread = threading.Thread(target=ask, name=f"resolve {name}", daemon=True)
        thread.start()
        thread.join(timeout)
        answer = found[0] if found else Unreachable(Silence.TIME_OUT, name)
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    def connect(self, host: str, port: int, *, timeout: float) -> Connection:
        """Try the host's addresses one after another."""
        end = time.monotonic() + timeout
        return _Connection(self._socket(host, port, end), end)

    def handshake(
        self,
        host: str,
        port: int,
        *,
        server_name: str,
        timeout: float,
        authority: str | None = None,
    ) -> Handshake:
        """Shake hands as a careful client does; where that fails, look without trust."""
        import ssl  # noqa: PLC0415 - loads slowly, and few checks need it

        end = time.monotonic() + timeout
        careful = ssl.create_default_context()
        if authority is not None:
            careful = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            try:
                careful.load_verify_locations(cadata=authority)
            except ssl.SSLError as error:
                raise ValueError("there is no certificate in it (PEM)") from error
        distrust = weak = ""
        try:
            return self._shaken(careful, host, port, server_name, end)
        except ssl.SSLCertVerificationError as error:
            distrust = str(error.verify_message) or "unknown"
        except ssl.SSLError as error:
            weak = str(error.reason or error)[:200] or "unknown"
        lenient = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        lenient.check_hostname = False
        lenient.verify_mode = ssl.CERT_NONE
        lenient.set_ciphers("DEFAULT:@SECLEVEL=0")
        try:
            shaken = self._shaken(lenient, host, port, server_name, end)
        except ssl.SSLError as error:
            raise Unreachable(Silence.NO_TLS, str(error.reason or error)[:200]) from error
        return Handshake(shaken.version, shaken.cipher, shaken.certificate, distrust, weak)

    def _shaken(
        self,
        tls: "ssl.SSLContext",
        host: str,
        port: int,
        server_name: str,
        end: float,
    ) -> Handshake:
        import ssl  # noqa: PLC0415 - loads slowly, and few checks need it

        with self._socket(host, port, end) as plain:
            try:
                plain.settimeout(_left(end))
                with tls.wrap_socket(plain, server_hostname=server_name) as secure:
                    return Handshake(
                        secure.version() or "",
                        (secure.cipher() or ("", "", 0))[0],
                        secure.getpeercert(binary_form=True) or b"",
                    )
            except ssl.SSLError:
                raise
            except OSError as error:
                raise _unreachable(error) from error

    def _socket(self, host: str, port: int, end: float) -> socket.socket:
        last = Unreachable(Silence.UNKNOWN, host)
        for address in self.resolve(host, timeout=_left(end)):
            try:
                return socket.create_connection((address, port), timeout=_left(end))
            except OSError as error:
                last = _unreachable(error)
        raise last


class _Connection:
    def __init__(self, opened: socket.socket, end: float) -> None:
        self._socket = opened
        self._end = end

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(_left(self._end))
            self._socket.sendall(data)
        except OSError as error:
            raise _unreachable(error) from error

    def receive(self, at_most: int = 65_536) -> bytes:
        try:
            self._socket.settimeout(_left(self._end))
            return self._socket.recv(at_most)
        except OSError as error:
            raise _unreachable(error) from error


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise Unreachable(Silence.TIME_OUT)
    return left


def _unreachable(error: OSError) -> Unreachable:
    if isinstance(error, TimeoutError):
        return Unreachable(Silence.TIME_OUT)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(Silence.REFUSED)
    if isinstance(error, ConnectionError):
        return Unreachable(Silence.CLOSED)
    return Unreachable(Silence.NO_ROUTE, (error.strerror or str(error))[:120])
