"""The steps of a scenario: a request, a query, a line of a log, a request that arrives."""

from typing import Annotated, Any, Self

from pydantic import (
    Discriminator,
    Field,
    JsonValue,
    Tag,
    model_validator,
)

from readiness_gate.checks.base import CheckOptions
from readiness_gate.checks.filling import PLACE
from readiness_gate.checks.options.asserts import AnswerAsserts, CookieQuery, Regex
from readiness_gate.checks.options.cookie_query import query_of
from readiness_gate.checks.options.header import HeaderName
from readiness_gate.checks.options.request import RequestOptions
from readiness_gate.checks.options.target_url import TargetUrl
from readiness_gate.checks.scenario_values import MARKER
from readiness_gate.config.values import Duration, Flag, Name, Text
from readiness_gate.expressions import compiled
from readiness_gate.matchers import compile_matcher
from readiness_gate.matchers.field import Expectation, JsonPath
from readiness_gate.model.written import Written

FINE: JsonValue = {"lt": 400}
_SOME: JsonValue = {"ge": 1}


def _url(text: str) -> str:
    from pydantic import TypeAdapter  # noqa: PLC0415

    if PLACE.match(text) is None:
        TypeAdapter(TargetUrl).validate_python(PLACE.sub("x", text))
    return text


def _expression(text: str) -> str:
    compiled(PLACE.sub("x", text))
    return text


def _value_name(text: str) -> str:
    if PLACE.fullmatch(f"{{{{{text}}}}}") is None:
        raise ValueError(f"{text[:40]!r}: a value's name is of letters, digits, '_', '.' and '-'")
    if text == MARKER:
        raise ValueError(f"{MARKER} is there already: a word that is new in every run")
    return text


UrlText = Annotated[
    str,
    Written(after=_url, schema={"type": "string", "pattern": r"^(/|https?://|\{\{)"}),
]
ValueName = Annotated[str, Written(after=_value_name)]


class Capture(CheckOptions):
    """Where a value is found; exactly one of these."""

    jsonpath: JsonPath | None = Field(default=None, description="JSONPath that finds one value.")
    header: HeaderName | None = Field(default=None, description="Name of a header.")
    cookie: CookieQuery | None = Field(default=None, description="Name of a cookie.")
    regex: Regex | None = Field(
        default=None, description="Expression (RE2): its group, else all that it finds."
    )
    secret: Flag = Field(
        default=False,
        description="Whether the value is masked; those that are called token, secret, password, "
        "key, session, cookie, csrf or otp are always.",
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        ways = (self.jsonpath, self.header, self.cookie, self.regex)
        if sum(one is not None for one in ways) != 1:
            raise ValueError("write one of jsonpath, header, cookie and regex")
        if self.cookie is not None:
            query_of(self.cookie)
        return self


class Again(CheckOptions):
    """How long a step waits, and how often it tries."""

    name: Text | None = Field(default=None, description="What the step is called in the report.")
    delay: Annotated[Duration, Field(ge=0)] = Field(
        default=0.0, description="Time to wait before the step."
    )
    retry: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0, description="How often to try again until all its assertions hold."
    )
    retry_interval: Annotated[Duration, Field(gt=0)] = Field(
        default=1.0, description="Time between two tries."
    )


class HttpStep(Again, AnswerAsserts, RequestOptions):
    """A request; without `status` its answer's has to be below 400."""

    url: UrlText = Field(
        description="A path below stack.base-url, or a URL such as http://backend:8000/health."
    )
    capture: dict[ValueName, Capture] = Field(
        default_factory=dict, description="Values to keep for the steps after it."
    )
    repeat: int = Field(default=1, ge=1, le=1000, description="How often the step is done.")
    cookies: Name = Field(
        default="browser",
        description="Whose cookies are sent and kept, such as admin; all steps of a name share "
        "them. Those with `Secure` are sent without TLS, too.",
    )

    @property
    def title(self) -> str:
        """What the step is called."""
        return self.name or f"{self.method} {self.url}"


class SqlAsk(CheckOptions):
    """A query on a database; values are written into it as literals."""

    database: Name | None = Field(
        default=None, description="Name under `databases`; default the only one."
    )
    query: Text = Field(description="One statement, in a read-only transaction.")
    value: Expectation | None = Field(
        default=None, description="What the one value has to be that the statement returns."
    )
    rows: Expectation | None = Field(
        default=None, description="What the rows have to be: a list of mappings by column."
    )

    @model_validator(mode="after")
    def _asserts_one_thing(self) -> Self:
        if (self.value is None) == (self.rows is None):
            raise ValueError("write one of value and rows")
        if ";" in self.query.strip().removesuffix(";"):
            raise ValueError("query: one statement; a semicolon may only end it")
        for place in PLACE.finditer(self.query):
            before = self.query[: place.start()]
            if any(before.count(quote) % 2 for quote in "'\"`"):
                raise ValueError(f"query: {place[0]} is written as a literal: take the quotes away")
            if any(sign in before for sign in ("--", "/*", "$$", "#")):
                raise ValueError("query: no comments and no $$ before a value")
        return self


class SqlStep(Again):
    """What the database holds after the steps before."""

    sql: SqlAsk = Field(description="The query, and what it has to return.")

    @property
    def title(self) -> str:
        """What the step is called."""
        return self.name or "sql"


class LogAsk(CheckOptions):
    """A line that a service logs after the scenario began."""

    service: Name = Field(description="Whose log.")
    contains: Text | None = Field(default=None, description="Text of the line.")
    matches: Annotated[Text, Written(after=_expression)] | None = Field(
        default=None, description="Expression (RE2) that matches it."
    )
    count: Expectation = Field(default=_SOME, description="How many such lines there have to be.")

    @model_validator(mode="after")
    def _asserts_one_thing(self) -> Self:
        if (self.contains is None) == (self.matches is None):
            raise ValueError("write one of contains and matches")
        return self


class LogStep(Again):
    """What a service logs."""

    log: LogAsk = Field(description="The line that has to be there.")
    retry: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=10, description="How often to look again until it holds."
    )

    @model_validator(mode="after")
    def _waits(self) -> Self:
        _waits_for_none(self.log.count, self.delay)
        return self

    @property
    def title(self) -> str:
        """What the step is called."""
        return self.name or f"log of {self.log.service}"


class SinkAsk(CheckOptions):
    """A request that the target sends to a sink after the scenario began."""

    name: Name = Field(description="Name under `sinks`.")
    method: Text | None = Field(default=None, description="Its method.")
    path: Expectation = Field(default=None, description="What its path has to be, with the query.")
    header: dict[HeaderName, Expectation] = Field(
        default_factory=dict, min_length=1, description="What its headers have to be."
    )
    body: Expectation = Field(default=None, description="What its body has to be, as text.")
    jsonpath: dict[JsonPath, Expectation] = Field(
        default_factory=dict, min_length=1, description="What values of its JSON body have to be."
    )
    regex: dict[Regex, Expectation] = Field(
        default_factory=dict, min_length=1, description="What an expression finds in its body."
    )
    count: Expectation = Field(
        default=_SOME, description="How many such requests there have to be."
    )

    @property
    def asserts(self) -> AnswerAsserts:
        """What holds for the request, as for an answer."""
        names = ("header", "body", "jsonpath", "regex")
        given = {name: getattr(self, name) for name in names if name in self.model_fields_set}
        return AnswerAsserts.model_construct(_fields_set=set(given), **given)


class SinkStep(Again):
    """What arrives at a sink: a webhook, an error report."""

    sink: SinkAsk = Field(description="The request that has to arrive.")
    capture: dict[ValueName, Capture] = Field(
        default_factory=dict, description="Values of the first such request, for the steps after."
    )
    retry: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=10, description="How often to look again until it holds."
    )

    @model_validator(mode="after")
    def _waits(self) -> Self:
        _waits_for_none(self.sink.count, self.delay)
        return self

    @property
    def title(self) -> str:
        """What the step is called."""
        return self.name or f"sink {self.sink.name}"


def _waits_for_none(count: JsonValue, delay: float) -> None:
    if not delay and compile_matcher(count).holds(0):
        raise ValueError("count: holds before anything can have come; write a delay")


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return next((kind for kind in ("sql", "log", "sink") if kind in value), "http")
    if isinstance(value, SqlStep):
        return "sql"
    if isinstance(value, LogStep):
        return "log"
    return "sink" if isinstance(value, SinkStep) else "http"


Step = HttpStep | SqlStep | LogStep | SinkStep
StepOption = Annotated[
    Annotated[HttpStep, Tag("http")]
    | Annotated[SqlStep, Tag("sql")]
    | Annotated[LogStep, Tag("log")]
    | Annotated[SinkStep, Tag("sink")],
    Discriminator(_kind),
]
"""A step is told by its key: `url`, `sql`, `log` or `sink`."""
