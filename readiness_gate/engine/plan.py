"""From configuration and checklist to the items of one run, each bound to its checks. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from readiness_gate.checks.base import Check
from readiness_gate.checks.merge.rollup import RollupOptions
from readiness_gate.config.schema import GateConfig, ItemConfig
from readiness_gate.engine.bind import BoundCheck, OptionsRefused, bind
from readiness_gate.engine.sections import section_items
from readiness_gate.engine.when import Circumstances, excluded
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import (
    CheckClass,
    Family,
    Half,
    Severity,
    SkippedBy,
    Stage,
)

DEFAULT_TIMEOUT = 300.0
_WORST_FIRST = tuple(Severity)

Locate = Callable[[tuple[str | int, ...], str], str]
"""Turns a path in the configuration and a message into `file:line:column: message`."""


@dataclass(frozen=True)
class Line:
    """A line of the checklist, as far as planning needs it."""

    id: str
    text: str
    ticked: bool
    category: str
    severity: Severity | None
    phase: str | None


@dataclass(frozen=True)
class PlannedItem:
    """One item of this run."""

    id: str
    title: str
    category: str
    severity: Severity
    phase: str | None
    stage: Stage
    half: Half
    checks: tuple[BoundCheck, ...]
    roll_up: bool
    blocking: bool
    timeout: float
    todo: str | None = None
    skipped: tuple[SkippedBy, str] | None = None
    from_section: bool = False

    @property
    def planned(self) -> bool:
        """Whether its half has to answer it (items of another stage are not planned)."""
        return self.skipped is None or self.skipped[0] in {SkippedBy.WHEN, SkippedBy.PHASE}

    @property
    def check_id(self) -> str:
        """Return the catalogue's id, `rollup` for an item of several checks."""
        return "rollup" if self.roll_up else self.checks[0].check.id


@dataclass(frozen=True)
class Scope:
    """What of the plan this run is about."""

    stage: Stage
    phase: str | None
    only: tuple[str, ...]
    circumstances: Circumstances


def plan(
    config: GateConfig,
    lines: Sequence[Line],
    catalogue: Sequence[Check[Any]],
    scope: Scope,
    *,
    locate: Locate,
) -> tuple[PlannedItem, ...]:
    """Return the items: the checklist's lines first, then the configuration's, then sections'.

    Raises:
        ConfigurationError: an unknown check, refused options, an unknown id in `only`; every
            problem of the file at once.
    """
    problems: list[str] = []
    by_id = {check.id: check for check in catalogue}
    lines_by_id = {line.id: line for line in lines}
    drafts: list[PlannedItem] = []
    for id_ in dict.fromkeys([*lines_by_id, *config.items]):
        given = config.items.get(id_, ItemConfig())
        line = lines_by_id.get(id_)
        if line is None and given.check is None and given.checks is None:
            problems.append(locate(("items", id_), "binds no check, and no checklist line has it"))
            continue
        bound = _bind_all(given, id_, by_id, locate, problems)
        if bound:
            drafts.append(_item(id_, given, line, bound, config))
    if problems:
        raise ConfigurationError("\n".join(problems), advice="See `readiness-gate checks`.")
    named = {bound.check.id for item in drafts for bound in item.checks}
    drafts += [
        _item(id_, given, None, (bind(by_id[given.check], given.with_),), config, section=True)
        for id_, given in section_items(config, named)
        if given.check in by_id
    ]
    _refuse_unknown(scope.only, drafts)
    first_phase = config.phases[0] if config.phases else None
    return tuple(_scoped(item, config, scope, first_phase) for item in drafts)


def _bind_all(
    given: ItemConfig,
    id_: str,
    by_id: Mapping[str, Check[Any]],
    locate: Locate,
    problems: list[str],
) -> tuple[BoundCheck, ...]:
    wanted: list[tuple[tuple[str | int, ...], str, Mapping[str, Any] | None]] = []
    if given.checks is not None:
        wanted = [
            (("items", id_, "checks", number), one.check, one.with_)
            for number, one in enumerate(given.checks)
        ]
    else:
        wanted = [(("items", id_), given.check or "attestation", given.with_)]
    bound: list[BoundCheck] = []
    for path, check_id, options in wanted:
        check = by_id.get(check_id)
        if check is None:
            problems.append(locate((*path, "check"), f"there is no check {check_id!r}"))
            continue
        try:
            bound.append(bind(check, options))
        except OptionsRefused as refused:
            problems.extend(
                locate((*path, "with", *where), f"{check_id}: {_where(where)}{message}")
                for where, message in refused.problems
            )
    halves = {half_of(one.check) for one in bound}
    if len(halves) > 1:
        problems.append(
            locate(("items", id_, "checks"), "mixes the merge half and the checks half")
        )
    return tuple(bound) if len(bound) == len(wanted) else ()


def _where(path: Sequence[str | int]) -> str:
    return f"{'.'.join(map(str, path))}: " if path else ""


def half_of(check: Check[Any]) -> Half:
    """Return the half that answers a check: the family merge, or everything else."""
    return Half.MERGE if check.family is Family.MERGE else Half.CHECKS


def _item(
    id_: str,
    given: ItemConfig,
    line: Line | None,
    bound: tuple[BoundCheck, ...],
    config: GateConfig,
    *,
    section: bool = False,
) -> PlannedItem:
    first = bound[0].check
    severity = given.severity or (line.severity if line else None) or Severity.HIGH
    unbound = line is not None and given.check is None and given.checks is None
    half = half_of(first)
    return PlannedItem(
        id=id_,
        title=given.title or (line.text if line else "") or first.title,
        category=given.category or (line.category if line else "") or first.family.value,
        severity=severity,
        phase=given.phase or (line.phase if line else None),
        stage=given.stage or (Stage.PRE_DEPLOY if unbound else Stage.PRE_MERGE),
        half=half,
        checks=bound,
        roll_up=given.checks is not None,
        blocking=_blocks(given, line, severity, half, config, section=section),
        timeout=given.timeout or DEFAULT_TIMEOUT,
        todo=given.todo,
        from_section=section,
    )


def _blocks(
    given: ItemConfig,
    line: Line | None,
    severity: Severity,
    half: Half,
    config: GateConfig,
    *,
    section: bool,
) -> bool:
    if config.enforce == "none":
        return False
    if config.enforce == "ticked" and half is not Half.MERGE and not (line and line.ticked):
        return False
    if given.blocking is not None:
        return given.blocking
    return section or _WORST_FIRST.index(severity) <= _WORST_FIRST.index(config.block_on)


def _refuse_unknown(only: Sequence[str], items: Sequence[PlannedItem]) -> None:
    known = {item.id for item in items}
    unknown = [id_ for id_ in only if id_ not in known]
    if unknown:
        raise ConfigurationError(
            f"only: there is no item {', '.join(map(repr, unknown))}",
            advice=f"Known items: {', '.join(sorted(known)) or 'none'}.",
        )


def _scoped(
    item: PlannedItem, config: GateConfig, scope: Scope, first_phase: str | None
) -> PlannedItem:
    phase = item.phase or first_phase
    later = _later(phase, scope.phase or config.phase, config.phases)
    item = replace(item, phase=phase, blocking=item.blocking and not later)
    if scope.only and item.id not in scope.only:
        return replace(item, skipped=(SkippedBy.ONLY, "not asked for"))
    if item.stage is not scope.stage:
        return replace(item, skipped=(SkippedBy.STAGE, f"belongs to the stage {item.stage}"))
    if later and any(one.check.check_class is not CheckClass.READ for one in item.checks):
        return replace(item, skipped=(SkippedBy.PHASE, f"belongs to the later phase {phase}"))
    reason = _excluded(item.id, config, scope)
    return item if reason is None else replace(item, skipped=(SkippedBy.WHEN, reason))


def _excluded(id_: str, config: GateConfig, scope: Scope) -> str | None:
    given = config.items.get(id_)
    return excluded(given.when, scope.circumstances) if given else None


def _later(phase: str | None, current: str | None, phases: Sequence[str]) -> bool:
    if phase is None or current is None or phase not in phases or current not in phases:
        return False
    return list(phases).index(phase) > list(phases).index(current)


def roll_up_sources(item: PlannedItem) -> RollupOptions | None:
    """Return the options of an item that sums up others, `None` for every other item."""
    options = item.checks[0].options
    return options if isinstance(options, RollupOptions) else None
