"""`tls`: a certificate is trusted, named well and valid for long enough; old TLS is refused.

The handshake is that of a careful client: chain, host name and validity. Versions below `minimum`
are offered by hand, each alone, and the server has to refuse them. The key has to be one that
libraries of today accept. `plain` names a URL without TLS that has to lead to one with it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.config.values import Duration, Flag, Text
from readiness_gate.model.outcome import CheckClass, Family, Need

DAY = 86_400.0


class TlsOptions(CheckOptions):
    """The server, and what its certificate and its TLS have to be."""

    url: TargetUrl = Field(
        description="URL of https whose host and port are asked, or a path below stack.base-url."
    )
    host_name: Text | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.-]{1,253}$",
        description="Name that the certificate has to carry; default the URL's host.",
    )
    valid_for: Annotated[Duration, Field(ge=0)] = Field(
        default=14 * DAY, description="For how long the certificate has still to be valid."
    )
    minimum: Literal["1.2", "1.3"] = Field(
        default="1.2", description="The oldest version of TLS that may be accepted."
    )
    authority: Text | None = Field(
        default=None,
        description="File of the checkout with certificates (PEM) to trust instead of the "
        "system's.",
    )
    untrusted: Flag = Field(
        default=False,
        description="Whether nobody need have signed the certificate, as in a test; name, time "
        "and key are judged all the same.",
    )
    plain: TargetUrl | None = Field(
        default=None, description="URL of http that has to redirect to https."
    )
    timeout: Annotated[Duration, Field(gt=0)] = Field(
        default=10.0, description="How long one handshake may take."
    )

    @model_validator(mode="after")
    def _is_tls(self) -> Self:
        if self.url.startswith("http:"):
            raise ValueError("url: of http has no TLS; write one of https")
        if self.plain is not None and self.plain.startswith("https:"):
            raise ValueError("plain: of https is not plain")
        if self.untrusted and self.authority is not None:
            raise ValueError("untrusted: with an authority it has to be trusted")
        return self


CHECK = Check(
    id="tls",
    title="TLS is of today, and its certificate will do",
    family=Family.NETWORK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.STACK}),
    options=TlsOptions,
    remediation="Renew the certificate with its whole chain for this host name, and accept TLS 1.2 "
    "and 1.3 alone.",
    example={"url": "https://edge:8443/", "authority": "config/test-ca.pem", "valid-for": "30d"},
)
