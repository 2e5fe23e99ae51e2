"""What `tls` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from readiness_gate.checks.asking import Asking, OutOfTime, Silent, asking, out_of_time, unanswered
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network.tls import DAY, TlsOptions
from readiness_gate.checks.socket_target import Port, port_of, silent
from readiness_gate.checks.target import endpoint, whole_url
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.sockets import Handshake, Silence, Unreachable
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.client_hello import Offer, answered, client_hello
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_OLDER = {"1.2": ("1.0", "1.1"), "1.3": ("1.0", "1.1", "1.2")}
_RSA_BITS, _CURVE_BITS = 2048, 224
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class _Asked:
    """What is asked, and how long it may take."""

    context: CheckContext
    options: TlsOptions
    port: Port
    name: str
    deadline: Deadline

    def limit(self) -> float:
        """Return the seconds for the next connection.

        Raises:
            OutOfTime: none are left.
        """
        left = self.deadline.remaining(self.options.timeout)
        if left <= 0:
            raise OutOfTime
        return left


def run(context: CheckContext, options: TlsOptions) -> CheckResult:
    """Shake hands, offer what is too old, and follow the plain URL."""
    parts = urlsplit(whole_url(context, options.url))
    if parts.scheme != "https" or parts.hostname is None:
        raise ConfigurationError(
            f"{options.url}: the URL is not one of https", advice="Write https://SERVICE:PORT/."
        )
    port = port_of(context, parts.hostname, parts.port or 443)
    what = f"tls {port.name}"
    name = options.host_name or parts.hostname
    deadline = Deadline(context.clock, context.timeout)
    asked = _Asked(context, options, port, name, deadline)
    asks = asking(context, options.timeout)
    try:
        return _measured(asked, asks, what)
    except Unreachable as error:
        if error.silence is Silence.NO_TLS:
            return failed(f"{what}: {error}")
        return silent(context, what, error)
    except Silent as error:
        return unanswered(context, error)
    except OutOfTime:
        return out_of_time(context, f"{what} was still being asked")


def _measured(asked: _Asked, asks: Asking, what: str) -> CheckResult:
    from cryptography import x509  # noqa: PLC0415 - loads slowly, and no other check needs it

    options = asked.options
    shaken = _shaken(asked)
    try:
        certificate = x509.load_der_x509_certificate(shaken.certificate)
    except ValueError as error:
        return failed(f"{what}: its certificate cannot be read: {str(error)[:120]}")
    problems = list(_problems(asked, shaken, certificate))
    refused, unclear = [], []
    for version in _OLDER[options.minimum]:
        offer = _offered(asked, version)
        if offer is Offer.ACCEPTED:
            problems.append(f"TLS {version} is accepted")
        elif offer is Offer.REFUSED:
            refused.append(version)
        else:
            unclear.append(f"whether TLS {version} is accepted is not clear: {offer}")
    problems += _plain_problems(asked.context, options, asks)
    table = _table(asked, shaken, certificate)
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(f"{what}: {problems[0]}{more}", details="\n".join(problems), evidence=[table])
    if unclear:
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{what}: {unclear[0]}", evidence=[table])
    left = (certificate.not_valid_after_utc - asked.context.clock.now()).total_seconds()
    return passed(
        f"{what}: {shaken.version}, valid for {left / DAY:.0f} more days, "
        f"TLS {' and '.join(refused)} refused",
        evidence=[table],
    )


def _shaken(asked: _Asked) -> Handshake:
    authority = _authority(asked.context, asked.options)
    try:
        return asked.context.sockets.handshake(
            asked.port.host,
            asked.port.port,
            server_name=asked.name,
            timeout=asked.limit(),
            authority=authority,
        )
    except ValueError as error:
        raise ConfigurationError(
            f"authority: {asked.options.authority}: {error}",
            advice="Name a file of the checkout with certificates in PEM.",
        ) from error


def _authority(context: CheckContext, options: TlsOptions) -> str | None:
    if options.authority is None:
        return None
    try:
        text = context.workspace.text(options.authority)
    except (OSError, PathRefused) as error:
        raise ConfigurationError(
            f"authority: {options.authority} cannot be read: {error}",
            advice="Name a file of the checkout with certificates in PEM.",
        ) from error
    if "BEGIN CERTIFICATE" not in text or not text.isascii():
        raise ConfigurationError(f"authority: {options.authority} has no certificate (PEM)")
    return text


def _problems(asked: _Asked, shaken: Handshake, certificate: "Certificate") -> Iterator[str]:
    options, now = asked.options, asked.context.clock.now()
    if shaken.distrust and not options.untrusted:
        yield f"the certificate is not trusted: {shaken.distrust}"
    if shaken.weak:
        yield f"a careful client gets no TLS: {shaken.weak}"
    if not _carries(certificate, asked.name):
        yield f"the certificate does not name {asked.name}"
    yield from _time_problems(certificate, now, options.valid_for)
    yield from _key_problems(certificate)


def _time_problems(certificate: "Certificate", now: datetime, valid_for: float) -> Iterator[str]:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begin:
        yield f"the certificate is valid only from {begin:%Y-%m-%d}"
    left = (end - now).total_seconds()
    if left <= 0:
        yield f"the certificate expired on {end:%Y-%m-%d}"
    elif left < valid_for:
        yield f"the certificate expires on {end:%Y-%m-%d}, in {left / DAY:.1f} days"


def _key_problems(certificate: "Certificate") -> Iterator[str]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415 - as above

    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _RSA_BITS:
        yield f"the key has {key.key_size} bits, less than {_RSA_BITS}"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < _CURVE_BITS:
        yield f"the key has {key.curve.key_size} bits, less than {_CURVE_BITS}"
    digest = certificate.signature_hash_algorithm
    if digest is not None and digest.name in {"md5", "sha1"}:
        yield f"the certificate is signed with {digest.name}"


def _carries(certificate: "Certificate", name: str) -> bool:
    """Return whether the certificate names a host; its common name counts no more (RFC 9525)."""
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        return False
    if any(str(address) == name for address in names.get_values_for_type(x509.IPAddress)):
        return True
    wanted = name.lower().rstrip(".")
    parent = wanted.partition(".")[2]
    for given in names.get_values_for_type(x509.DNSName):
        known = given.lower().rstrip(".")
        if known == wanted or ("." in parent and known == f"*.{parent}"):
            return True
    return False


def _offered(asked: _Asked, version: str) -> Offer:
    """Offer one old version alone, and return what became of it."""
    try:
        with asked.context.sockets.connect(
            asked.port.host, asked.port.port, timeout=asked.limit()
        ) as connection:
            connection.send(client_hello(version, asked.name))
            data = b""
            while (offer := answered(data, version)) is Offer.MORE:
                part = connection.receive()
                if not part:
                    # Some close without a word; that they shake hands was seen before.
                    return Offer.REFUSED if not data else Offer.NO_TLS
                data += part
            return offer
    except Unreachable as error:
        if error.silence is Silence.CLOSED:
            return Offer.REFUSED
        return Offer.MORE


def _plain_problems(context: CheckContext, options: TlsOptions, asks: Asking) -> list[str]:
    if options.plain is None:
        return []
    target = endpoint(context, options.plain)
    answer = asks.ask(target)
    where = urljoin(target.url, answer.header("location") or "")
    if answer.status not in _REDIRECTS:
        return [f"{target.url} is answered with {answer.status}, not led to https"]
    if urlsplit(where).scheme != "https":
        return [f"{target.url} leads to {where[:120]}, not to https"]
    return []


def _table(asked: _Asked, shaken: Handshake, certificate: "Certificate") -> TableEvidence:
    rows = (
        ("version", shaken.version),
        ("cipher", shaken.cipher),
        ("asked for", asked.name),
        ("subject", certificate.subject.rfc4514_string()[:200]),
        ("issuer", certificate.issuer.rfc4514_string()[:200]),
        ("valid from", f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M}"),
        ("valid until", f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M}"),
        ("trust", shaken.distrust or "trusted"),
    )
    return TableEvidence(title="TLS", columns=("what", "value"), rows=rows)
