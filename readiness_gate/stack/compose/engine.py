"""The Engine API, asked directly: one call costs half a millisecond where the CLI costs fifty.

The only importer of the `docker` package, and only when first asked, so that commands without a
stack start quickly. Address and nothing else comes from the caller; the package's own reading of
the environment is switched off.
"""

import io
import re
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import (
    DEFAULT_HOST,
    FILE_CAP,
    LINE_CAP,
    LOG_CAP,
    ArchiveEntry,
    Inspection,
    NotThere,
)
from readiness_gate.stack.compose.place import require_spoken
from readiness_gate.stack.compose.streams import archive_entry, log_lines
from readiness_gate.stack.log_frames import Line

_TIMEOUT = 60
_OLDEST = "1.24"
"""Version of the API in which an engine is asked for its own."""
_FOR_EVER = 86_400
"""Seconds between two events that are nothing unusual."""

_UNNAMED = re.compile("[0-9a-f]{64}")
"""What the engine calls a volume that nobody named."""

T = TypeVar("T")


class DockerEngine:
    """A Docker engine behind a socket or a TCP address."""

    def __init__(self, host: str = "", certificates: Path | None = None) -> None:
        """Remember the address; connects with the first question."""
        self._certificates = certificates
        self.host = host or DEFAULT_HOST
        self._client: Any = None
        self._stream: Any = None
        self._lock = threading.Lock()

    def version(self) -> str:
        """Return the engine's version, for example `28.2.2`."""
        return str(self.about()["Version"])

    def about(self) -> Inspection:
        """Return the engine's versions."""
        return self._one(lambda client: client.version())

    def machine(self) -> Inspection:
        """Return what the engine says of its machine."""
        return self._one(lambda client: client.info())

    def containers(self, labels: Sequence[str]) -> list[Inspection]:
        """Return short descriptions of running and stopped containers."""
        return list(
            self._ask(lambda client: client.containers(all=True, filters={"label": list(labels)}))
        )

    def container(self, name: str) -> Inspection:
        """Return the inspection of a container."""
        return self._one(lambda client: client.inspect_container(name))

    def start(self, container: str) -> None:
        """Start a created container."""
        self._ask(lambda client: client.start(container))

    def signal(self, container: str, name: str) -> None:
        """Send a signal; no restart policy answers to the container's own stop signal."""
        self._fine(lambda client: client.kill(container, name), "is not running")

    def pause(self, container: str) -> None:
        """Freeze a container."""
        self._fine(lambda client: client.pause(container), "is already paused")

    def unpause(self, container: str) -> None:
        """Let a container go on."""
        self._fine(lambda client: client.unpause(container), "is not paused", "is not running")

    def processes(self, container: str) -> list[str]:
        """Return the command lines of a container's processes."""
        answer = self._one(lambda client: client.top(container))
        return [str(row[-1]) for row in answer.get("Processes") or () if row]

    def reconnect(
        self, network: str, container: str, *, aliases: Sequence[str], address: str = ""
    ) -> None:
        """Attach a container again as it was attached before."""
        self._fine(
            lambda client: client.connect_container_to_network(
                container, network, aliases=list(aliases), ipv4_address=address or None
            ),
            "already exists",
        )

    def put(self, container: str, folder: str, archive: bytes) -> None:
        """Unpack a tar archive into a folder of a container."""
        self._one(lambda client: client.put_archive(container, folder, archive))

    def remove_container(self, container: str) -> None:
        """Kill and remove a container with its anonymous volumes.

        Compose hands those of a container that it recreates to the next one by their names, and
        the engine takes them for named ones then: they are removed one by one.
        """
        unnamed = self._unnamed_volumes(container)
        self._gone(lambda client: client.remove_container(container, v=True, force=True))
        for name in unnamed:
            # Another container of the project may still use it; the last one takes it along.
            with suppress(StackError):
                self.remove_volume(name)

    def _unnamed_volumes(self, container: str) -> list[str]:
        with suppress(StackError):
            mounts = self._one(lambda client: client.inspect_container(container)).get("Mounts")
            names = [
                str(one.get("Name", "")) for one in mounts or () if one.get("Type") == "volume"
            ]
            return [name for name in names if _UNNAMED.fullmatch(name)]
        return []

    def networks(self, labels: Sequence[str]) -> list[Inspection]:
        """Return the networks that carry the labels."""
        return list(self._ask(lambda client: client.networks(filters={"label": list(labels)})))

    def network(self, name: str) -> Inspection:
        """Return the inspection of a network."""
        return self._one(lambda client: client.inspect_network(name))

    def connect(self, network: str, container: str, aliases: Sequence[str] = ()) -> None:
        """Attach a container to a network, where it has further names."""
        try:
            self._ask(
                lambda client: client.connect_container_to_network(
                    container, network, aliases=list(aliases) or None
                )
            )
        except StackError as error:
            if "already exists" not in error.message:
                raise

    def disconnect(self, network: str, container: str) -> None:
        """Detach a container from a network, also one that hangs."""
        try:
            self._gone(
                lambda client: client.disconnect_container_from_network(
                    container, network, force=True
                )
            )
        except StackError as error:
            if "is not connected" not in error.message:
                raise

    def remove_network(self, network: str) -> None:
        """Remove a network."""
        self._gone(lambda client: client.remove_network(network))

    def volumes(self, labels: Sequence[str]) -> list[str]:
        """Return the names of the volumes that carry the labels."""
        return [str(volume["Name"]) for volume in self.labelled_volumes(labels)]

    def labelled_volumes(self, labels: Sequence[str]) -> list[Inspection]:
        """Return the volumes that carry the labels."""
        answer = self._ask(lambda client: client.volumes(filters={"label": list(labels)}))
        return list(answer.get("Volumes") or [])

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Create an empty volume."""
        self._ask(lambda client: client.create_volume(name, labels=dict(labels)))

    def remove_volume(self, name: str) -> None:
        """Remove a volume."""
        self._gone(lambda client: client.remove_volume(name, force=True))

    def image(self, name: str) -> Inspection:
        """Return the inspection of an image."""
        return self._one(lambda client: client.inspect_image(name))

    def images(self, labels: Sequence[str]) -> list[Inspection]:
        """Return short descriptions of images that carry the labels."""
        return list(self._ask(lambda client: client.images(filters={"label": list(labels)})))

    def remove_image(self, name: str) -> None:
        """Remove a tag, or an image that has none."""
        self._gone(lambda client: client.remove_image(name, force=True))

    def logs(self, container: str, lines: int) -> str:
        """Return the tail of both streams; empty where the log driver keeps nothing."""
        try:
            chunks = self._ask(
                lambda client: client.logs(
                    container, tail=min(lines, LINE_CAP), stream=True, follow=False
                )
            )
            return _tail(chunks, LOG_CAP).decode("utf-8", errors="replace")
        except StackError as error:
            if "does not support reading" in error.message:
                return ""
            raise

    def follow(
        self, labels: Sequence[str], since: float, hear: Callable[[Inspection | None], bool]
    ) -> None:
        """Hand events to `hear`, over a connection of its own."""
        wanted = ["start", "die", "oom", "destroy", "health_status", "pause", "unpause"]
        filters = {"type": "container", "event": wanted, "label": list(labels)}
        with _translated(self.host):
            client = self._new_client(timeout=_FOR_EVER)
            stream: Any = None
            try:
                stream = client.events(since=f"{since:.9f}", filters=filters, decode=True)
                with self._lock:
                    self._stream = stream
                if hear(None):
                    for event in stream:
                        if not hear(event):
                            break
            finally:
                with self._lock:
                    self._stream = None
                if stream is not None:
                    # The package forgets the connection of a stream that broke.
                    stream._response.close()  # noqa: SLF001
                client.close()

    def stop_following(self) -> None:
        """Shut the connection of `follow`."""
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            # It may end by itself at the same moment.
            with suppress(OSError, AttributeError):
                stream.close()

    def file(self, container: str, path: str) -> bytes:
        """Return one regular file, followed through no link, at most `FILE_CAP` bytes."""

        def collect(client: Any) -> bytes:
            chunks, _ = client.get_archive(container, path)
            return _tail(chunks, FILE_CAP + 10_240, refuse=path)

        archive = self._one(collect)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            member = tar.next()
            stream = tar.extractfile(member) if member is not None and member.isreg() else None
            if stream is None:
                raise NotThere(f"{path} is not a regular file")
            return stream.read()

    def log_lines(
        self, container: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[Line]:
        """Yield the lines of a container's log, read while they are asked for."""
        terminal = bool((self.container(container).get("Config") or {}).get("Tty"))
        with _translated(self.host):
            yield from log_lines(
                self._connected(),
                container,
                terminal=terminal,
                since=since,
                until=until,
                timeout=_TIMEOUT,
            )

    def statistics(self, container: str) -> Inspection:
        """Return one measurement, at once where the API can (1.41), else after two cycles."""
        from docker.errors import InvalidVersion  # noqa: PLC0415

        def ask(client: Any) -> Inspection:
            try:
                return dict(client.stats(container, stream=False, one_shot=True))
            except InvalidVersion:
                return dict(client.stats(container, stream=False))

        return self._one(ask)

    def entry(self, container: str, path: str, *, content_cap: int) -> ArchiveEntry:
        """Return the first entry of the archive of a path; the rest of it is not read."""
        return self._one(
            lambda client: archive_entry(
                client, container, path, content_cap=content_cap, timeout=_TIMEOUT
            )
        )

    def layers(self, image: str) -> Sequence[int]:
        """Return the size of each layer, out of the image's history."""
        return [int(one.get("Size") or 0) for one in self._one(lambda c: c.history(image))]

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _one(self, question: Callable[[Any], T]) -> T:
        return self._ask(question)

    def _gone(self, question: Callable[[Any], object]) -> None:
        with suppress(NotThere):
            self._ask(question)

    def _fine(self, question: Callable[[Any], object], *said: str) -> None:
        """Ask for something; an answer that says it is so already is fine."""
        try:
            self._ask(question)
        except StackError as error:
            if not any(words in error.message for words in said):
                raise

    def _ask(self, question: Callable[[Any], T]) -> T:
        with _translated(self.host):
            return question(self._connected())

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._new_client(timeout=_TIMEOUT)
            return self._client

    def _new_client(self, *, timeout: int) -> Any:
        from docker import APIClient  # noqa: PLC0415 - keeps other commands quick

        tls = self._tls()
        _require_listening(self.host)
        # Asked by hand: the package hides what an engine answers to its first question.
        first = APIClient(base_url=self.host, version=_OLDEST, timeout=_TIMEOUT, tls=tls)
        first.trust_env = False
        with closing(first):
            version = str(first.version(api_version=False)["ApiVersion"])
        client = APIClient(base_url=self.host, version=version, timeout=timeout, tls=tls)
        client.trust_env = False
        return client

    def _tls(self) -> Any:
        require_spoken(self.host)
        if self._certificates is None:
            return False
        from docker.tls import TLSConfig  # noqa: PLC0415

        pair = (str(self._certificates / "cert.pem"), str(self._certificates / "key.pem"))
        return TLSConfig(client_cert=pair, ca_cert=str(self._certificates / "ca.pem"), verify=True)


def _require_listening(host: str) -> None:
    """Connect once: the package forgets the socket of a connection that is refused."""
    if host.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as attempt:
            attempt.settimeout(_TIMEOUT)
            attempt.connect(host.removeprefix("unix://"))


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Turn the package's errors into ours; the platform is at fault for all but a 4xx answer."""
    from docker import errors  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    try:
        yield
    except errors.NotFound as error:
        raise NotThere(str(error.explanation or error)) from error
    except errors.APIError as error:
        status = error.status_code or 500
        message = str(error.explanation or error)
        if message.startswith("client version"):
            raise StackError(
                f"the container engine at {host} refuses us: {message}",
                advice="Update the older of engine and gate.",
                infrastructure=True,
            ) from error
        raise StackError(message, infrastructure=status >= 500) from error
    except errors.InvalidVersion as error:
        raise StackError(
            f"the container engine at {host} is too old: {error}",
            advice="Update Docker: 20.10 is the oldest that is used.",
            infrastructure=True,
        ) from error
    except (errors.DockerException, RequestException, OSError) as error:
        raise unreachable(host, error) from error


def unreachable(host: str, error: BaseException) -> StackError:
    """Return why an engine does not answer, with the way out of it."""
    root = _root(error)
    advice = "Start Docker, or check that this user may use its socket."
    if isinstance(root, PermissionError):
        advice = "Give this user the right to the socket (the group docker), or set DOCKER_HOST."
        cause = "this user has no right to its socket"
    elif isinstance(root, FileNotFoundError):
        advice = "Start Docker, or set DOCKER_HOST; a runner may offer no engine at all."
        cause = "there is no such socket: No such file or directory"
    elif isinstance(root, ConnectionRefusedError):
        advice = "Start Docker: nobody listens at its socket."
        cause = "connection refused"
    else:
        cause = str(root)[:300]
    return StackError(
        f"the container engine at {host} does not answer: {cause}",
        advice=advice,
        infrastructure=True,
    )


def _root(error: BaseException) -> BaseException:
    while error.__context__ is not None and not _tells(error):
        error = error.__context__
    return error


def _tells(error: BaseException) -> bool:
    # Errors of the packages between are OSErrors, too, without the number that tells the cause.
    return isinstance(error, OSError) and error.errno is not None


def _tail(chunks: Iterator[bytes], cap: int, *, refuse: str = "") -> bytes:
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        if len(kept) > cap:
            if refuse:
                raise StackError(f"{refuse} is larger than {cap} bytes")
            del kept[: len(kept) - cap]
    return bytes(kept)
