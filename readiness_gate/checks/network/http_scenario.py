"""`http-scenario`: a flow of many steps, with what it leaves behind and what it sends out.

Steps are requests, each with its assertions; values are generated, captured from answers and put
into later steps as `{{name}}`. `sql`, `log` and `sink` steps look at the effects: rows, lines of
logs, and requests that the target itself sends to a sink, such as webhooks and error reports.

A sink listens at its port for as long as the scenario runs. Containers know it as
`http://readiness-gate-sink:PORT`, processes as `http://127.0.0.1:PORT`; steps as `{{NAME}}`.

With `spread` the requests to a service go to each of its replicas by turns, past whatever stands
before them. Steps under `clean-up` are done always, also after a failure.
"""

from typing import Any, Self

from pydantic import Field, JsonValue, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.filling import places
from readiness_gate.checks.scenario_steps import (
    HttpStep,
    SinkStep,
    SqlStep,
    StepOption,
    ValueName,
)
from readiness_gate.checks.scenario_values import (
    MARKER,
    Generated,
    Generator,
    unknown_names,
)
from readiness_gate.config.stack import EnvironmentName
from readiness_gate.config.values import Name
from readiness_gate.doors.records import did_you_mean
from readiness_gate.model.outcome import CheckClass, Family, Need


class SinkOptions(CheckOptions):
    """Where the gate listens for what the target sends, and what it answers."""

    port: int = Field(ge=1024, le=65_535, description="Port that the target sends to.")
    status: int = Field(default=200, ge=200, le=599, description="Status of its answers.")
    json_: JsonValue = Field(default_factory=dict, alias="json", description="Body of its answers.")


class HttpScenarioOptions(CheckOptions):
    """The flow, its values, and where it listens."""

    variables: dict[ValueName, str | int | float | bool] = Field(
        default_factory=dict, description="Fixed values by name."
    )
    generate: dict[ValueName, Generator] = Field(
        default_factory=dict,
        description="Values that are new in every run: `uuid`, `email`, `password`, `timestamp`, "
        "`unix-time`, `number`, or limits in a mapping. `{{marker}}` is there always, a new word.",
    )
    secrets: dict[ValueName, EnvironmentName] = Field(
        default_factory=dict,
        description="Values out of variables of the gate or a service, by name; always masked.",
    )
    sinks: dict[Name, SinkOptions] = Field(
        default_factory=dict, description="Where the target sends something to, by name."
    )
    spread: Name | None = Field(
        default=None, description="Service whose replicas are asked by turns; all of them must be."
    )
    steps: tuple[StepOption, ...] = Field(
        min_length=1, max_length=200, description="The flow; it ends at the first that fails."
    )
    clean_up: tuple[StepOption, ...] = Field(
        default=(), max_length=50, description="Steps that are done at the end, always."
    )

    @model_validator(mode="after")
    def _is_a_flow(self) -> Self:
        if not any(isinstance(one, HttpStep) for one in self.steps):
            raise ValueError("steps: at least one of them has to be a request")
        groups = (self.variables, self.generate, self.secrets, self.sinks)
        names = [name for group in groups for name in group]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice} is the name of two values")
        ports = [one.port for one in self.sinks.values()]
        if len(set(ports)) != len(ports):
            raise ValueError("sinks: two of them have one port")
        self._knows_its_values({MARKER, *names})
        return self

    def _knows_its_values(self, known: set[str]) -> None:
        generated = [one for one in self.generate.values() if isinstance(one, Generated)]
        later = {name for one in self.steps for name in getattr(one, "capture", {})}
        asked = list(places([one.model_dump(mode="json", by_alias=True) for one in generated]))
        _refuse_unknown("generate", asked, known | later)
        for number, step in enumerate((*self.steps, *self.clean_up), 1):
            dumped = step.model_dump(mode="json", by_alias=True, exclude={"capture"})
            where = f"step {number} ({step.title})"
            _refuse_unknown(where, places(dumped), known)
            if isinstance(step, SinkStep) and step.sink.name not in self.sinks:
                near = did_you_mean(step.sink.name, self.sinks)
                raise ValueError(f"{where}: there is no sink {step.sink.name}{near}")
            known |= set(getattr(step, "capture", {}))


def _refuse_unknown(where: str, asked: Any, known: set[str]) -> None:
    for name in unknown_names(asked, known):
        near = did_you_mean(name, known)
        raise ValueError(f"{where}: nothing before it sets {{{{{name}}}}}{near}")


def needs_of(options: HttpScenarioOptions) -> frozenset[Need]:
    """Return the stack, and the migrated database where a step asks it."""
    steps = (*options.steps, *options.clean_up)
    asks = any(isinstance(one, SqlStep) for one in steps)
    return frozenset({Need.STACK, Need.DATABASE} if asks else {Need.STACK})


CHECK = Check(
    id="http-scenario",
    title="A flow works from its first step to its effects",
    family=Family.NETWORK,
    check_class=CheckClass.EXERCISE,
    needs=frozenset({Need.STACK, Need.DATABASE}),
    options=HttpScenarioOptions,
    remediation="Make the step that failed answer as asserted; request and answer stand beside it.",
    refine_needs=needs_of,
    example={
        "generate": {"email": "email", "password": "password"},
        "steps": [
            {
                "name": "register",
                "url": "/register",
                "method": "POST",
                "json": {"email": "{{email}}", "password": "{{password}}"},
                "status": 201,
            },
            {
                "name": "log in",
                "url": "/login",
                "method": "POST",
                "json": {"email": "{{email}}", "password": "{{password}}"},
                "capture": {"token": {"jsonpath": "$.token"}},
            },
            {
                "name": "who am I",
                "url": "/me",
                "auth": {"bearer": "{{token}}"},
                "jsonpath": {"$.email": "{{email}}"},
            },
        ],
    },
)
