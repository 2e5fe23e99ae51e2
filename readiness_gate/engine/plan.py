"""From configuration and checklist to the items of one run, each bound to its checks. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from readiness_gate.checklist.document import Checklist, Item
from readiness_gate.checks.base import Check
from readiness_gate.config.load import LoadedConfig
from readiness_gate.config.schema import GateConfig, ItemConfig
from readiness_gate.doors.records import Problem, did_you_mean
from readiness_gate.doors.yaml import Path
from readiness_gate.engine import sums
from readiness_gate.engine.bind import BoundCheck
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


class PlannedItem(NamedTuple):
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
    later: bool = False
    """Whether it belongs to a phase after the one that is enforced."""
    sections: tuple[str, ...] = ()
    """Headings above its line in the checklist, outermost first."""
    rank: int = 0
    """Place of its phase among all, 0 for the first."""
    sums_to: int | None = None
    """Place of the last phase that a roll-up sums up, `None` where all of them count."""

    @property
    def planned(self) -> bool:
        """Whether its half has to answer it (items of another stage are not planned)."""
        return self.skipped is None or self.skipped[0] in {SkippedBy.WHEN, SkippedBy.PHASE}

    @property
    def check_id(self) -> str:
        """Return the catalogue's id, `rollup` for an item of several checks."""
        return "rollup" if self.roll_up else self.checks[0].check.id


class Scope(NamedTuple):
    """What of the plan this run is about."""

    stage: Stage
    phase: str | None
    only: tuple[str, ...]
    circumstances: Circumstances


def plan(
    loaded: LoadedConfig, checklist: Checklist, catalogue: Mapping[str, Check[Any]], scope: Scope
) -> tuple[PlannedItem, ...]:
    """Return the items: the checklist's lines first, then the configuration's, then sections'.

    Raises:
        ConfigurationError: an unknown check, refused options, an unknown id in `only`; every
            problem of the file at once.
    """
    config = loaded.config
    problems: list[Problem] = []
    lines = {line.id: line for line in checklist.lines}
    drafts: list[PlannedItem] = []
    for id_ in dict.fromkeys([*lines, *config.items]):
        given = config.items.get(id_, ItemConfig())
        line = lines.get(id_)
        if line is None and given.check is None and given.checks is None:
            message = "binds no check, and no line of the checklist has this id"
            problems.append(
                loaded.problem(("items", id_), f"{message}{did_you_mean(id_, list(lines))}")
            )
            continue
        bound = _bind_all(given, id_, catalogue, loaded, problems)
        if bound:
            drafts.append(_item(id_, given, line, bound, config))
    if problems:
        raise loaded.failure(problems)
    drafts += _brought(config, catalogue, drafts)
    phases = config.phases or checklist.phases
    problems += sums.problems(
        {item.id: item.checks for item in drafts},
        loaded,
        headings=dict.fromkeys(name for one in drafts for name in (*one.sections, one.category)),
        phases=phases,
    )
    if problems:
        raise loaded.failure(problems)
    _refuse_unknown(scope.only, drafts)
    _refuse_unknown_phase(scope.phase or (config.phase if phases else None), phases)
    scoped = tuple(_scoped(item, config, scope, phases) for item in drafts)
    needed = frozenset() if scope.only else sums.asked_for(scoped)
    return tuple(
        _scoped(item, config, scope._replace(stage=item.stage), phases) if one.id in needed else one
        for item, one in zip(drafts, scoped, strict=True)
    )


def _brought(
    config: GateConfig, catalogue: Mapping[str, Check[Any]], drafts: Sequence[PlannedItem]
) -> list[PlannedItem]:
    named = {bound.check.id for item in drafts for bound in item.checks}
    taken = {item.id for item in drafts}
    brought = []
    for name, check_id, options in section_items(config, named):
        check = catalogue.get(check_id)
        if check is not None:
            # An item of the same name that binds something else must not hide this one.
            id_ = next(free for free in _names(name) if free not in taken)
            taken.add(id_)
            bound = BoundCheck(check, check.options.model_validate_json(json.dumps(options)), id_)
            brought.append(_item(id_, ItemConfig(check=check_id), None, (bound,), config, True))
    return brought


def _names(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _bind_all(
    given: ItemConfig,
    id_: str,
    catalogue: Mapping[str, Check[Any]],
    loaded: LoadedConfig,
    problems: list[Problem],
) -> tuple[BoundCheck, ...]:
    wanted: list[tuple[Path, str, Mapping[str, Any] | None]]
    if given.checks is None:
        wanted = [(("items", id_), given.check or "attestation", given.with_)]
    else:
        wanted = [
            (("items", id_, "checks", number), one.check, one.with_)
            for number, one in enumerate(given.checks)
        ]
    bound: list[BoundCheck] = []
    for path, check_id, options in wanted:
        check = catalogue.get(check_id)
        if check is None:
            advice = did_you_mean(check_id, list(catalogue))
            problems.append(
                loaded.problem((*path, "check"), f"there is no check {check_id!r}{advice}")
            )
            continue
        record = loaded.bind((*path, "with"), options, check.options)
        if isinstance(record, tuple):
            problems.extend(record)
        else:
            bound.append(BoundCheck(check, record, id_))
    if len({half_of(one.check) for one in bound}) > 1:
        message = "mixes the merge half and the checks half"
        problems.append(loaded.problem(("items", id_, "checks"), message))
    return tuple(bound) if len(bound) == len(wanted) else ()


def half_of(check: Check[Any]) -> Half:
    """Return the half that answers a check: the family merge, or everything else."""
    return Half.MERGE if check.family is Family.MERGE else Half.CHECKS


def _item(
    id_: str,
    given: ItemConfig,
    line: Item | None,
    bound: tuple[BoundCheck, ...],
    config: GateConfig,
    section: bool = False,
) -> PlannedItem:
    first = bound[0].check
    severity = given.severity or (line.severity if line else None) or Severity.HIGH
    unbound = line is not None and given.check is None and given.checks is None
    half = half_of(first)
    summed = sums.summed_up(bound)
    return PlannedItem(
        id=id_,
        title=given.title or (line.text if line else "") or first.title,
        category=given.category or _heading(line) or first.family.value,
        severity=severity,
        phase=given.phase or (summed.phase if summed else None) or (line.phase if line else None),
        stage=given.stage or (Stage.PRE_DEPLOY if unbound else _first_stage(bound)),
        half=half,
        checks=bound,
        roll_up=given.checks is not None,
        blocking=_blocks(given, line, severity, half, config, section=section),
        timeout=given.timeout or DEFAULT_TIMEOUT,
        todo=given.todo,
        from_section=section,
        sections=line.section if line is not None else (),
    )


def _first_stage(bound: Sequence[BoundCheck]) -> Stage:
    """Return the stage at which the facts of all checks exist."""
    stages = list(Stage)
    return max((one.first_stage for one in bound), key=stages.index)


def _heading(line: Item | None) -> str:
    if line is None:
        return ""
    return line.category or (line.section[-1] if line.section else "")


def _blocks(
    given: ItemConfig,
    line: Item | None,
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


def _refuse_unknown_phase(phase: str | None, phases: Sequence[str]) -> None:
    if phase is not None and phase not in phases:
        raise ConfigurationError(
            f"phase: there is no phase {phase!r}{did_you_mean(phase, phases)}",
            advice=f"Known phases: {', '.join(phases) or 'none'}.",
        )


def _scoped(
    item: PlannedItem, config: GateConfig, scope: Scope, phases: Sequence[str]
) -> PlannedItem:
    phase = item.phase or (phases[0] if phases else None)
    later = _later(phase, scope.phase or config.phase, phases)
    summed = sums.summed_up(item.checks)
    item = item._replace(
        phase=phase,
        later=later,
        blocking=item.blocking and not later,
        rank=_place(phase, phases) or 0,
        sums_to=_place(summed.phase, phases) if summed else None,
    )
    if scope.only and item.id not in scope.only:
        return item._replace(skipped=(SkippedBy.ONLY, "not asked for"))
    if item.stage is not scope.stage:
        return item._replace(skipped=(SkippedBy.STAGE, f"belongs to the stage {item.stage}"))
    if later and any(one.check.check_class is not CheckClass.READ for one in item.checks):
        return item._replace(skipped=(SkippedBy.PHASE, f"belongs to the later phase {phase}"))
    reason = _excluded(item.id, config, scope)
    return item if reason is None else item._replace(skipped=(SkippedBy.WHEN, reason))


def _excluded(id_: str, config: GateConfig, scope: Scope) -> str | None:
    given = config.items.get(id_)
    return excluded(given.when, scope.circumstances) if given else None


def _place(phase: str | None, phases: Sequence[str]) -> int | None:
    return list(phases).index(phase) if phase is not None and phase in phases else None


def _later(phase: str | None, current: str | None, phases: Sequence[str]) -> bool:
    if phase is None or current is None or phase not in phases or current not in phases:
        return False
    return list(phases).index(phase) > list(phases).index(current)
