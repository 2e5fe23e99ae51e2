"""Requests that Schemathesis generates out of a description, and what it says of answers.

It runs in a child process without an environment, bounded in time and memory, which sends nothing:
the gate sends, through its own door, and keeps the answers (notes on security S-05, S-22).
"""

import base64
import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from readiness_gate.checks.api_document import Document, Operation, as_json
from readiness_gate.checks.context import CheckContext
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.web import Answer
from readiness_gate.errors import ConfigurationError

INSTALL = "pip install 'readiness-gate[openapi]'"
LONG_TEXT = 100_000
LONGEST_CASE = 20_000
"""Signs of a case as JSON; the child leaves out what is longer, and says so."""
BATCH = 25
"""Operations that one child generates for."""
_LONG_WORD = b"readiness-gate-long-text"
_LONGEST = 60.0
_ROOT = Path("/")


class NoCases(Exception):  # noqa: N818
    """Nothing was generated or judged; the message says why."""


@dataclass(frozen=True)
class Case:
    """One generated request."""

    what: str
    """What is wrong with it, in a few words; empty for a valid one."""
    certain: bool = False
    """Whether no reading of the description lets it through."""
    by_schema: bool = False
    """Whether that is so by the body's schema; broken JSON is wrong for every one."""
    body: bytes | None = None
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """What to generate for one operation."""

    operation: Operation
    mode: Literal["valid", "invalid"]
    count: int
    base: object = None
    """A valid body, which the invalid ones are made from."""


@dataclass(frozen=True)
class Generated:
    """The cases of one operation."""

    wanted: Wanted
    cases: tuple[Case, ...]
    gaps: tuple[str, ...] = ()
    """Why these are not all, or do not show what they should; empty where they do."""


@dataclass(frozen=True)
class Seen:
    """An answer to judge."""

    operation: Operation
    answer: Answer


def body_pointer(operation: Operation) -> str | None:
    """Return where the schema of a JSON body stands, as a URI's fragment; `None`: nowhere."""
    kind = operation.json_type
    if kind is None:
        return None
    given = operation.definition["requestBody"]
    steps = ["paths", operation.path, operation.method.lower(), "requestBody"]
    root = given["$ref"] if "$ref" in given else "#" + "".join(f"/{_step(one)}" for one in steps)
    return f"{root}/content/{_step(kind)}/schema"


def _step(text: str) -> str:
    return quote(text.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@-._")


def generated(
    context: CheckContext,
    document: Document,
    wanted: Sequence[Wanted],
    *,
    seed: int,
    mark: str,
    deadline: Deadline,
) -> Iterator[Generated]:
    """Yield the cases of each operation; the same on every run with the same seed.

    An answer of the child holds so much: what did not fit is asked for again, from there on.

    Raises:
        NoCases: the child did not end in time, or cannot work with the description.
        ConfigurationError: Schemathesis is not installed.
    """
    open_ones = deque(_Collected(one) for one in wanted)
    while open_ones:
        batch = tuple(islice(open_ones, BATCH))
        jobs = [one.job for one in batch]
        answer = _asked(context, document, deadline, generate=jobs, seed=seed, mark=mark)
        for number, (one, found) in enumerate(zip(batch, answer["cases"], strict=True)):
            following = one.add(found)
            if following and number == 0:
                raise NoCases(f"{one.wanted.operation.name}: its cases fit into no answer")
            if one.skip is not None:
                break  # the budget is used up: whatever comes after it is asked for again
            yield open_ones.popleft().whole


@dataclass
class _Collected:
    """What came so far of one operation's cases."""

    wanted: Wanted
    skip: int | None = 0
    """The first case that is still to come, `None` where none is."""
    cases: list[Case] = field(default_factory=list)
    long: int = 0
    problem: str = ""

    @property
    def job(self) -> dict[str, object]:
        one = self.wanted
        return {
            "method": one.operation.method,
            "path": one.operation.path,
            "mode": one.mode,
            "count": one.count,
            "base": one.base,
            "pointer": body_pointer(one.operation),
            "skip": self.skip,
        }

    def add(self, found: Mapping[str, Any]) -> bool:
        """Add an answer's part; return whether it brought nothing though more is to come."""
        if found.get("error") and not found["cases"]:
            raise NoCases(f"{self.wanted.operation.name}: {found['error']}")
        before, self.skip = self.skip, found.get("next")
        self.cases += [_case(given) for given in found["cases"]]
        self.long += found.get("long") or 0
        self.problem = self.problem or str(found.get("problem") or "")
        return self.skip is not None and self.skip <= (before or 0)

    @property
    def whole(self) -> Generated:
        gaps = []
        if self.long:
            gaps.append(f"{self.long} cases longer than {LONGEST_CASE} signs were not sent")
        if self.problem:
            gaps.append(f"its schema cannot be worked with: {self.problem}")
        return Generated(self.wanted, tuple(self.cases), tuple(gaps))


def _case(given: Mapping[str, Any]) -> Case:
    body = None
    if "raw" in given:
        body = str(given["raw"]).encode()
    elif "body" in given:
        body = as_json(given["body"])
    if body is not None and given.get("large"):
        body = body.replace(_LONG_WORD, b"a" * LONG_TEXT)
    certain = given.get("certain") is True
    return Case(
        str(given.get("what", "")),
        certain,
        certain and "raw" not in given,
        body,
        given.get("path") or {},
        given.get("query") or {},
    )


def invalidity(context: CheckContext, document: Document, deadline: Deadline) -> str | None:
    """Return what the description breaks of OpenAPI's own schema, `None` where it is valid.

    Raises:
        NoCases: nobody can tell.
        ConfigurationError: Schemathesis is not installed.
    """
    found = _asked(context, document, deadline, validate=True)["invalid"]
    return None if found is None else str(found)


def judged(
    context: CheckContext, document: Document, seen: Sequence[Seen], deadline: Deadline
) -> list[list[str]]:
    """Return for each answer what its body breaks of the declared schema.

    Raises:
        NoCases: nobody can tell.
        ConfigurationError: Schemathesis is not installed.
    """
    found: list[list[str]] = []
    for start in range(0, len(seen), BATCH):
        jobs = [
            {
                "method": one.operation.method,
                "path": one.operation.path,
                "status": one.answer.status,
                "headers": dict(one.answer.headers),
                "body": base64.b64encode(one.answer.body).decode(),
            }
            for one in seen[start : start + BATCH]
        ]
        found += _asked(context, document, deadline, judge=jobs)["judged"]
    return found


def _asked(
    context: CheckContext, document: Document, deadline: Deadline, **job: object
) -> Mapping[str, Any]:
    seconds = deadline.remaining(_LONGEST)
    if seconds <= 0:
        raise NoCases("time was over")
    script = resources.files("readiness_gate").joinpath("probes", "api_cases.py")
    given = {"document": document.raw, "seed": 1, "mark": "", "seconds": seconds, **job}
    done = context.programs.run(
        [sys.executable, "-I", str(script)],
        timeout=seconds,
        cwd=_ROOT,
        stdin=json.dumps(given).encode(),
    )
    if done.timed_out:
        raise NoCases(f"what generates the requests did not end within {seconds:.0f} s")
    try:
        answer = json.loads(done.stdout) if done.succeeded else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise NoCases(f"what generates the requests ended without an answer: {_last(done.stderr)}")
    if answer.get("missing"):
        raise ConfigurationError("Schemathesis is not installed", advice=f"{INSTALL}.")
    return answer


def _last(text: str) -> str:
    lines: Iterable[str] = (line.strip() for line in text.splitlines())
    return ([line for line in lines if line] or ["it was ended"])[-1][:300]
