"""One request as an item describes it, and how it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from readiness_gate.checks.asking import refuse_writing
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.exchange import require_value
from readiness_gate.checks.filling import Fill, as_it_is
from readiness_gate.checks.http_auth import authorization
from readiness_gate.checks.http_body import sent_body
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.options.request import ClientCertificate, RequestOptions
from readiness_gate.checks.target import Endpoint, endpoint
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import ORDINARY, Answer, Jar, Manner
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import ConfigurationError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Prepared:
    """A request with everything filled in."""

    method: str
    target: Endpoint
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float
    follow_redirects: bool
    verify: bool
    manner: Manner

    def send(self, context: CheckContext, deadline: Deadline) -> Answer:
        """Return the answer.

        Raises:
            NoAnswer: none came.
        """
        return context.web.request(
            self.method,
            self.target.reached,
            timeout=self.limit(deadline),
            headers=self.headers,
            body=self.body,
            follow_redirects=self.follow_redirects,
            verify=self.verify,
            manner=self.manner,
        )

    def unfollowed(self, answer: Answer) -> str:
        """Return that a redirect leaves the host, where it was to be followed; else nothing."""
        where = answer.header("location")
        if not self.follow_redirects or where is None or answer.status not in _REDIRECTS:
            return ""
        return f"the redirect to {where[:200]} is not followed: it leaves the host or its TLS"

    def limit(self, deadline: Deadline) -> float:
        """Return how many seconds it may take."""
        return max(0.001, deadline.remaining(self.timeout))


def prepared(
    context: CheckContext,
    options: RequestOptions,
    masks: Masks,
    *,
    fill: Fill = as_it_is,
    url: str | None = None,
    jar: Jar | None = None,
) -> Prepared:
    """Return the request, ready to be sent.

    Args:
        context: as the check got it.
        options: the request as it is written.
        masks: gets to know the secrets that are sent.
        fill: puts values in.
        url: the URL with its values, where it has any.
        jar: cookies of the host.

    Raises:
        ConfigurationError: it would write to a foreign system, leave the target, or a value or a
            file that it needs is not there.
        StackError: the service cannot be reached.
    """
    refuse_writing(context, options.method)
    target = endpoint(context, url or options.sent_to)
    body, media_type = sent_body(context, options, fill)
    headers = {name: require_value(fill(value)) for name, value in options.headers.items()}
    if media_type is not None and "content-type" not in {name.lower() for name in headers}:
        headers = {"Content-Type": media_type, **headers}
    if options.auth is not None:
        headers["Authorization"] = require_value(authorization(context, options.auth, masks, fill))
    return Prepared(
        options.method,
        target,
        headers,
        body,
        options.timeout,
        options.follow_redirects,
        not options.insecure,
        _manner(context, options, target, jar),
    )


def _manner(
    context: CheckContext, options: RequestOptions, target: Endpoint, jar: Jar | None
) -> Manner:
    known, reached = urlsplit(target.url), urlsplit(target.reached)
    name = options.host_name or ""
    if known.scheme == "https" and not name and known.hostname != reached.hostname:
        # The certificate names the service, not the address that the gate reaches it at.
        name = known.hostname or ""
    found = Manner(
        size=options.request_size or 0,
        pace=float(options.request_pace or 0),
        authority=_authority(context, options.authority) if options.authority else "",
        server_name=name,
        client=_client(context, options.client_certificate),
        same=(known.netloc,) if known.netloc != reached.netloc else (),
        jar=jar,
    )
    plain = not options.follow_redirects and found == Manner(same=found.same)
    return ORDINARY if plain else found


def _client(context: CheckContext, shown: ClientCertificate | None) -> tuple[str, str] | None:
    if shown is None:
        return None
    files = []
    for name in (shown.certificate, shown.key):
        try:
            context.workspace.read(name)
            files.append(str(context.workspace.path(name)))
        except (OSError, PathRefused, ValueError) as error:
            raise ConfigurationError(
                f"client-certificate: {name} cannot be read: {error}",
                advice="Name a file of the checkout in PEM.",
            ) from error
    return files[0], files[1]


def _authority(context: CheckContext, path: str) -> str:
    try:
        text = context.workspace.text(path)
    except (OSError, PathRefused, ValueError) as error:
        raise ConfigurationError(
            f"authority: {path} cannot be read: {error}",
            advice="Name a file of the checkout with certificates in PEM.",
        ) from error
    if "BEGIN CERTIFICATE" not in text or not text.isascii():
        raise ConfigurationError(f"authority: {path} has no certificate (PEM)")
    return text
