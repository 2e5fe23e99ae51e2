"""One request as an item describes it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.options.auth import Auth
from readiness_gate.checks.options.body import BodyOptions
from readiness_gate.checks.options.header import HeaderName, HeaderValue
from readiness_gate.config.values import Duration, Flag, Name, Text

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


class ClientCertificate(CheckOptions):
    """What the client shows in TLS."""

    certificate: Text = Field(description="File of the checkout with the certificate (PEM).")
    key: Text = Field(description="File of the checkout with its key (PEM).")


class RequestOptions(BodyOptions):
    """Where a request goes and what it carries."""

    url: str = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/health."
    )
    method: Method = Field(default="GET", description="Method of the request.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Headers to send."
    )
    auth: Auth | None = Field(
        default=None,
        description="Who asks: {user: NAME, password-from: VARIABLE} or {bearer-from: VARIABLE}.",
    )
    service: Name | None = Field(
        default=None, description="Service to ask instead of stack.base-url; needs `port`."
    )
    port: int | None = Field(default=None, ge=1, le=65_535, description="Port of the service.")
    follow_redirects: Flag = Field(
        default=False, description="Whether to follow redirects that stay on the host."
    )
    insecure: Flag = Field(default=False, description="Whether any TLS certificate will do.")
    authority: Text | None = Field(
        default=None,
        description="File of the checkout with certificates (PEM) to trust instead of the "
        "system's.",
    )
    host_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,253}$")] | None = Field(
        default=None, description="Name that the certificate has to carry; default the URL's host."
    )
    client_certificate: ClientCertificate | None = Field(
        default=None, description="Certificate that the client shows, where the server wants one."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=30.0, description="How long one answer may take."
    )

    @model_validator(mode="after")
    def _is_one_request(self) -> Self:
        if (self.service is None) != (self.port is None):
            raise ValueError("service and port belong together")
        if self.service is not None and not self.url.startswith("/"):
            raise ValueError("with service and port, url is a path")
        if self.auth is not None and "authorization" in {name.lower() for name in self.headers}:
            raise ValueError("auth and a header Authorization say the same: write one")
        if self.insecure and (self.authority or self.host_name):
            raise ValueError("insecure: with authority or host-name it is verified")
        return self

    @property
    def sent_to(self) -> str:
        """The URL, or the path below `stack.base-url`, before anything is filled in."""
        return self.url if self.service is None else f"http://{self.service}:{self.port}{self.url}"
