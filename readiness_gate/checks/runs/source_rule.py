"""What `source-rule` does when it runs; what it promises stands beside its options."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from readiness_gate.checks.chosen_files import chosen, in_scope, untouched
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.project_files import Unclear, inconclusive, unreadable
from readiness_gate.checks.repository.source_rule import Rule, SourceRuleOptions
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.formats.python_facts import PythonFacts, python_facts
from readiness_gate.formats.python_routes import unprotected
from readiness_gate.formats.python_rules import Finding, unlistened
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.result import CheckResult, failed, passed

_SHOWN = 50
Found = tuple[Rule, LocationEvidence]
Modules = Sequence[tuple[str, PythonFacts]]
"""Every module by its path."""


def run(context: CheckContext, options: SourceRuleOptions) -> CheckResult:
    """Read every file once and apply the rules."""
    try:
        names = chosen(context.workspace, options.path, options.exclude)
        if not names:
            raise inconclusive(f"no Python file at {', '.join(options.path)}")
        looked_at = in_scope(context, names, options.scope)
        if not looked_at:
            return untouched(names)
        modules = _modules(context, looked_at)
        found = [one for rule in options.rules for one in _RULES[rule](modules, options)]
    except (PathRefused, OSError) as error:
        return unreadable(error)
    except Unclear as unclear:
        return unclear.result
    return _result(found, len(modules), options.rules)


def _modules(context: CheckContext, names: Sequence[str]) -> Modules:
    deadline = Deadline(context.clock, context.timeout)
    modules = []
    for number, name in enumerate(names):
        if deadline.passed:
            raise inconclusive(f"time ran out after {number} of {len(names)} files")
        data = context.workspace.read(name)
        try:
            modules.append((name, python_facts(data)))
        except ValueError as error:
            raise inconclusive(f"{name}: {error}") from None
    return modules


def _sql_formatting(modules: Modules, _: SourceRuleOptions) -> Iterator[Found]:
    for path, facts in modules:
        yield from (("sql-formatting", _at(path, one)) for one in facts.sql_formatting)


def _debug_flag(modules: Modules, _: SourceRuleOptions) -> Iterator[Found]:
    for path, facts in modules:
        yield from (("debug-flag", _at(path, one)) for one in facts.debug_flag)


def _route_authentication(modules: Modules, options: SourceRuleOptions) -> Iterator[Found]:
    patterns = [one.lower() for one in options.authentication]

    def authenticates(name: str) -> bool:
        return any(fnmatchcase(name.lower(), pattern) for pattern in patterns)

    routing = [(path, facts.routing) for path, facts in modules]
    if not any(one.routes for _, one in routing):
        raise inconclusive("no route was found to judge")
    for path, route in unprotected(routing, authenticates):
        if not any(fnmatchcase(route.url or "/", pattern) for pattern in options.public):
            text = f"the route {route.url or '/'} has no authentication"
            yield "route-authentication", LocationEvidence(path=path, line=route.line, text=text)


def _sqlite_foreign_keys(modules: Modules, _: SourceRuleOptions) -> Iterator[Found]:
    engines = [(path, facts.engines) for path, facts in modules]
    if not any(one.lines for _, one in engines):
        raise inconclusive("no engine that may be SQLite was found to judge")
    for path, one in unlistened(engines):
        yield "sqlite-foreign-keys", _at(path, one)


def _at(path: str, one: Finding) -> LocationEvidence:
    return LocationEvidence(path=path, line=one.line, text=one.text)


_RULES: Mapping[Rule, Callable[[Modules, SourceRuleOptions], Iterator[Found]]] = {
    "route-authentication": _route_authentication,
    "sql-formatting": _sql_formatting,
    "debug-flag": _debug_flag,
    "sqlite-foreign-keys": _sqlite_foreign_keys,
}


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
