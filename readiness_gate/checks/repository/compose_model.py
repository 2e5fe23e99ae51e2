"""`compose-model`: what the compose files say of services, volumes, limits and ports.

The files are merged by the gate itself, with `include`, `extends` and the defaults of variables,
as `docker compose config` would; no engine and no stack is needed. What a variable without a
default decides cannot be told.
"""

from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.options.compose_rule import Rule
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.matchers.field import Expectation, JsonPath
from readiness_gate.model.outcome import CheckClass, Family, Need


class ComposeModelOptions(CheckOptions):
    """The files, and what is asserted of their model."""

    path: OneOrMany = Field(
        default=(),
        description="Compose files in the order of `-f`; default compose's own names, with its "
        "override file.",
    )
    services: OneOrMany = Field(default=(), description="Services that have to be there.")
    rules: tuple[Rule, ...] = Field(
        default=(),
        description="For every service. `health-check`; `healthy-dependencies`: it waits for the "
        "health of what it depends on; `memory-limit`; `cpu-limit`; `restart-policy`; "
        "`log-rotation`: json-file has a max-size; `pinned-image`: a tag other than latest, or a "
        "digest, where nothing is built; `pinned-digest`; `local-ports`: published on loopback "
        "only; `no-privileges`; `read-only`. A service whose completion another one waits for "
        "needs no health check and no restart.",
    )
    only: OneOrMany = Field(default=(), description="Services that the rules are for; default all.")
    except_: OneOrMany = Field(
        default=(), alias="except", description="Services that the rules are not for."
    )
    volumes: dict[Text, OneOrMany] = Field(
        default_factory=dict,
        description="Folders that lie on a named volume, by service: {db: /var/lib/postgresql}.",
    )
    networks: dict[Text, OneOrMany] = Field(
        default_factory=dict, description="Exactly the networks that a service is in, by service."
    )
    published: tuple[Text, ...] | None = Field(
        default=None, description="The only services that publish ports; an empty list: none does."
    )
    match: dict[JsonPath, Expectation] = Field(
        default_factory=dict,
        description="What values of the model are, by JSONPath: {$.services.db.image: postgres:17}."
        " Environment, labels, ports, volumes, networks and depends_on are in their long form.",
    )

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        asserted = (self.services, self.rules, self.volumes, self.networks, self.match)
        if not any(asserted) and self.published is None:
            raise ValueError(
                "assert something: services, rules, volumes, networks, published or match"
            )
        if (self.only or self.except_) and not self.rules:
            raise ValueError("`only` and `except` choose the services of `rules`")
        if self.only and self.except_:
            raise ValueError("give only or except, not both")
        if len(set(self.rules)) != len(self.rules):
            raise ValueError("a rule is named twice")
        return self


CHECK = Check(
    id="compose-model",
    title="The compose files describe a stack fit for production",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=ComposeModelOptions,
    remediation="Change the compose file at the lines named.",
    example={
        "path": "docker-compose.yml",
        "rules": ["health-check", "restart-policy", "log-rotation", "pinned-image"],
        "except": ["init-queues", "tests"],
        "volumes": {"db": "/var/lib/postgresql/data"},
        "published": ["backend"],
    },
)
