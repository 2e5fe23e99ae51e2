"""`source-rule`: Python source keeps rules that its syntax tree shows.

`route-authentication`: every route depends on something that authenticates. `sql-formatting`: no
SQL is put together from text and values. `debug-flag`: no debug mode is on, nothing stops for a
debugger. `sqlite-foreign-keys`: an SQLAlchemy engine that may be SQLite has the listener that
switches foreign keys on.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from readiness_gate.checks.base import Check, CheckContext, CheckOptions
from readiness_gate.checks.chosen_files import chosen
from readiness_gate.config.values import OneOrMany
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.formats import python_routes, python_rules
from readiness_gate.formats.python_source import parse
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_SHOWN = 50
_ROUTING = re.compile(
    rb"Depends|Security|include_router|APIRouter|"
    rb"\.(?:get|post|put|patch|delete|head|options|route|api_route|websocket)\("
)
Rule = Literal["route-authentication", "sql-formatting", "debug-flag", "sqlite-foreign-keys"]


class SourceRuleOptions(CheckOptions):
    """Which rules hold for which files."""

    rules: tuple[Rule, ...] = Field(min_length=1, description="The rules.")
    path: OneOrMany = Field(
        default=("**/*.py",), min_length=1, description="Python files or patterns."
    )
    exclude: OneOrMany = Field(
        default=("tests/**", "**/tests/**"), description="Files or patterns that are left out."
    )
    authentication: OneOrMany = Field(
        default=("*auth*", "*current_*", "*require*", "*login*", "*token*", "*api_key*"),
        min_length=1,
        description="Names of dependencies and decorators that authenticate; * stands for "
        "anything, case does not count.",
    )
    public: OneOrMany = Field(
        default=("/health*", "/ready*", "/live*", "/metrics"),
        description="Routes that need no authentication; * stands for anything.",
    )


class _Unclear(Exception):  # noqa: N818 - carries why nothing can be told
    pass


Found = tuple[Rule, LocationEvidence]
_PER_MODULE: Mapping[Rule, Callable[[ast.Module], Iterator[python_rules.Finding]]] = {
    "sql-formatting": python_rules.sql_formatting,
    "debug-flag": python_rules.debug_flag,
}


@dataclass
class _Facts:
    """What is kept of all modules; of those that have to do with routes, their names."""

    found: list[Found] = field(default_factory=list)
    engines: list[tuple[str, python_rules.Engines]] = field(default_factory=list)
    routing: list[str] = field(default_factory=list)
    aliases: set[str] = field(default_factory=set)


def run(context: CheckContext, options: SourceRuleOptions) -> CheckResult:
    """Parse every file once and apply the rules."""
    try:
        names = chosen(context.workspace, options.path, options.exclude)
        facts = _facts(context, names, options)
        if "sqlite-foreign-keys" in options.rules:
            facts.found += _sqlite_foreign_keys(facts)
        if "route-authentication" in options.rules:
            facts.found += _route_authentication(context, facts, options)
    except PathRefused as error:
        return cannot_tell(ErrorClass.CONFIGURATION, str(error))
    except OSError as error:
        text = f"{error.filename or 'a file'} cannot be read: {error.strerror}"
        return cannot_tell(ErrorClass.INFRASTRUCTURE, text)
    except _Unclear as unclear:
        return cannot_tell(ErrorClass.INCONCLUSIVE, str(unclear))
    return _result(facts.found, len(names), options.rules)


def _facts(context: CheckContext, names: Sequence[str], options: SourceRuleOptions) -> _Facts:
    deadline = Deadline(context.clock, context.timeout)
    facts = _Facts()
    authenticates = _authenticates(options)
    if not names:
        raise _Unclear(f"no Python file at {', '.join(options.path)}")
    for number, name in enumerate(names):
        if deadline.passed:
            raise _Unclear(f"time ran out after {number} of {len(names)} files")
        data = context.workspace.read(name)
        try:
            tree = parse(data)
        except ValueError as error:
            raise _Unclear(f"{name}: {error}") from None
        for rule in options.rules:
            if rule in _PER_MODULE:
                facts.found += [
                    (rule, _at(name, one)) for one in sorted(_PER_MODULE[rule](tree), key=_line)
                ]
        if "sqlite-foreign-keys" in options.rules:
            facts.engines.append((name, python_rules.engines(tree)))
        if "route-authentication" in options.rules and _ROUTING.search(data):
            facts.aliases |= python_routes.aliases(tree, authenticates)
            facts.routing.append(name)
    return facts


def _authenticates(options: SourceRuleOptions) -> Callable[[str], bool]:
    patterns = [one.lower() for one in options.authentication]
    return lambda name: any(fnmatchcase(name.lower(), pattern) for pattern in patterns)


def _route_authentication(
    context: CheckContext, facts: _Facts, options: SourceRuleOptions
) -> Iterator[Found]:
    authenticates, known = _authenticates(options), frozenset(facts.aliases)
    # Read again, as the trees of thousands of modules would not fit into memory.
    trees = ((name, parse(context.workspace.read(name))) for name in facts.routing)
    modules = [python_routes.routing(name, tree, authenticates, known) for name, tree in trees]
    if not any(one.routes for one in modules):
        raise _Unclear("no route was found to judge")
    for route in python_routes.unprotected(modules):
        if not any(fnmatchcase(route.url or "/", pattern) for pattern in options.public):
            text = f"the route {route.url or '/'} has no authentication"
            place = LocationEvidence(path=route.path, line=route.line, text=text)
            yield "route-authentication", place


def _sqlite_foreign_keys(facts: _Facts) -> Iterator[Found]:
    if not any(one.lines for _, one in facts.engines):
        raise _Unclear("no engine that may be SQLite was found to judge")
    for path, one in python_rules.unlistened(facts.engines):
        yield "sqlite-foreign-keys", _at(path, one)


def _line(one: python_rules.Finding) -> int:
    return one.line


def _at(path: str, one: python_rules.Finding) -> LocationEvidence:
    return LocationEvidence(path=path, line=one.line, text=one.text)


def _result(found: Sequence[Found], files: int, rules: Sequence[Rule]) -> CheckResult:
    if found:
        lines = [f"{one.path}:{one.line}: {one.text} ({rule})" for rule, one in found[:_SHOWN]]
        more = f"; and {len(found) - 1} more" if len(found) > 1 else ""
        return failed(
            lines[0] + more,
            details="\n".join(lines),
            evidence=[one for _, one in found[:_SHOWN]],
        )
    return passed(f"{', '.join(rules)}: nothing found in {files} file{'s' if files > 1 else ''}")


CHECK = Check(
    id="source-rule",
    title="Source code keeps the rules",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=SourceRuleOptions,
    run=run,
    remediation="Change the code at the places that are named.",
    example={"rules": ["sql-formatting", "debug-flag"], "path": "backend/**/*.py"},
)
