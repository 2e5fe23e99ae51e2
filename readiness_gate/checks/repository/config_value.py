"""`config-value`: values in configuration files are what they must be.

Reads JSON, YAML (with aliases), TOML, INI, XML, plist and properties, also rendered plans such as
what `terraform show -json` writes. Several documents of one YAML file are a list.
"""

from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.scope import SCOPE, Scope, needs_of_scope
from readiness_gate.config.values import OneOrMany
from readiness_gate.formats.data_format import DataFormat
from readiness_gate.matchers.field import Expectation, JsonPath
from readiness_gate.model.outcome import CheckClass, Family, Need


class ConfigValueOptions(CheckOptions):
    """The files, and what is expected at which place in them."""

    path: OneOrMany = Field(
        min_length=1, description="Files or patterns; every file has to meet everything."
    )
    format: DataFormat | None = Field(
        default=None, description="What the files are; default by the end of their names."
    )
    jsonpath: dict[JsonPath, Expectation] = Field(
        min_length=1,
        description="What values have to be, by JSONPath (RFC 9535). Attributes of XML are "
        "`@name`, its text is `#text`.",
    )
    scope: Scope = Field(default="tree", description=SCOPE)

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if any(wanted is None for wanted in self.jsonpath.values()):
            raise ValueError("write what is expected at each path")
        return self


CHECK = Check(
    id="config-value",
    title="Configuration holds what it must",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=ConfigValueOptions,
    refine_needs=needs_of_scope,
    remediation="Set the values in the file to what is expected.",
    example={
        "path": "docker-compose.yml",
        "jsonpath": {
            "$.services.db.image": {"have-prefix": "postgres:17"},
            "$.services.db.privileged": {"exists": False},
        },
    },
)
