"""`secret-scan`: no secret is written into the repository.

By default the lines that the pull request adds are looked at; where there is no pull request to
compare with, every tracked file is. The baseline (`.secrets.baseline` of detect-secrets) is read
at the base, so that a pull request cannot excuse its own secrets. Values are never shown. Not
seen is what one commit of the change adds and a later one takes away.
"""

from typing import Literal

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Flag, OneOrMany
from readiness_gate.model.outcome import CheckClass, Family, Need


class SecretScanOptions(CheckOptions):
    """Where secrets are looked for, and which are known."""

    scope: Literal["diff", "tree"] = Field(
        default="diff",
        description="The lines that a pull request adds, or every tracked file. Without a pull "
        "request it is every tracked file.",
    )
    baseline: str | None = Field(
        default=None,
        min_length=1,
        description="A baseline of detect-secrets, read at the base; its findings are known. "
        "Default .secrets.baseline, where there is one.",
    )
    exclude: OneOrMany = Field(default=(), description="Paths or patterns that are left out.")
    inline_allowlist: Flag = Field(
        default=True,
        description="Whether a comment `pragma: allowlist secret` excuses its line; what it "
        "excuses is listed.",
    )


CHECK = Check(
    id="secret-scan",
    title="No secret is in the repository",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE, Need.GIT}),
    options=SecretScanOptions,
    remediation="Rotate the secret, take it out, and read it from the environment instead; "
    "excuse a false alarm with a comment `pragma: allowlist secret`.",
)
