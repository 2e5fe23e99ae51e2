"""What the maintainers decided: configuration, checklist, waivers, attestations (DESIGN 1.5).

In CI all of it is read at the tip of the base branch, on a laptop from the working tree; a pull
request can never waive itself.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from readiness_gate.checklist import attestations, waivers
from readiness_gate.checklist.document import Checklist
from readiness_gate.checklist.entries import expired
from readiness_gate.config.load import LoadedConfig, load_config
from readiness_gate.config.schema import GateConfig
from readiness_gate.doors.records import Problem, failure
from readiness_gate.engine.sections import section_items
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.attestation import Attestation

_RUNWAY_DAYS = 14
Value = TypeVar("Value")

Read = Callable[[str], bytes | None]
"""Returns a file's bytes at the place that decides, `None` where it is absent."""
ReadChecklists = Callable[[Sequence[tuple[str, bytes]], GateConfig], Checklist]
"""Returns the lines of the files that a configuration names, as `read_checklists` does."""


def in_turn(sources: Sequence[tuple[str, bytes]], _: GateConfig) -> Checklist:
    """Return the lines of the files, read here and now.

    Raises:
        ConfigurationError: as `read_checklists`.
    """
    from readiness_gate.checklist.markdown import read_checklists  # noqa: PLC0415 - not all have one

    return read_checklists(sources)


class StandingWaiver(NamedTuple):
    """A waiver of the file at the base, in the words that the report shows."""

    id: str
    reason: str
    approved_by: str
    expires: str
    link: str = ""
    ended: bool = False
    """Whether its last day is over: it lets nothing pass, and the item says so."""


class Policy(NamedTuple):
    """Everything that decides, from one place."""

    loaded: LoadedConfig
    checklist: Checklist
    waivers: dict[str, StandingWaiver]
    attestations: tuple[Attestation, ...]
    notes: tuple[str, ...]
    preview: bool = False


def read_policy(
    read: Read,
    path: str,
    *,
    check_ids: Collection[str],
    now: datetime,
    refused: list[ConfigurationError] | None = None,
    checklists: ReadChecklists = in_turn,
) -> Policy | None:
    """Return the policy, `None` where there is no configuration at `path`.

    What is wrong with waivers and attestations is added to `refused`, where it is given: the
    policy is then one without them, for somebody who looks for further problems. `checklists`
    reads the files that the configuration names.

    Raises:
        ConfigurationError: files are malformed, or name an item that does not exist; everything
            that is wrong with them at once.
    """
    text = read(path)
    if text is None:
        return None
    wrong: list[ConfigurationError] = []
    loaded = _kept(lambda: load_config(text, name=path, check_ids=check_ids), wrong)
    checklist = _kept(lambda: _checklist(read, loaded, checklists), wrong)
    known: set[str] | None = None
    if loaded is not None and checklist is not None:
        known = {line.id for line in checklist.lines} | set(loaded.config.items)
        known |= {id_ for id_, _, _ in section_items(loaded.config, named=())}
    wrong_beside: list[ConfigurationError] = []
    standing = _kept(lambda: _waivers(read, known, now), wrong_beside)
    signed = _kept(lambda: _attestations(read, known), wrong_beside)
    if loaded is None or checklist is None or (wrong_beside and refused is None):
        raise joined([*wrong, *wrong_beside])
    if refused is not None:
        refused += wrong_beside
    waived, notes = standing or ({}, ())
    return Policy(loaded, checklist, waived, signed or (), (*checklist.warnings, *notes))


def joined(errors: Sequence[ConfigurationError]) -> ConfigurationError:
    """Return several errors as one, their lines below each other."""
    if len(errors) == 1:
        return errors[0]
    advice = " ".join(dict.fromkeys(one.advice for one in errors if one.advice))
    return ConfigurationError("\n".join(one.message for one in errors), advice=advice)


def _kept(step: Callable[[], Value], wrong: list[ConfigurationError]) -> Value | None:
    try:
        return step()
    except ConfigurationError as error:
        wrong.append(error)
        return None


def _checklist(
    read: Read, loaded: LoadedConfig | None, checklists: ReadChecklists
) -> Checklist | None:
    if loaded is None:
        return None
    names = loaded.config.checklist
    if not names:
        return Checklist()
    return checklists([(name, _present(read, name)) for name in names], loaded.config)


def preview(policy: Policy) -> Policy:
    """Return the policy of a first adoption: what could harm is taken out (DESIGN 1.5)."""
    config = policy.loaded.config
    stack = config.stack and config.stack.model_copy(update={"allow": (), "environment": ()})
    harmless = config.model_copy(update={"stack": stack, "environments": {}})
    loaded = policy.loaded._replace(config=harmless)
    return policy._replace(loaded=loaded, waivers={}, preview=True)


def _present(read: Read, name: str) -> bytes:
    data = read(name)
    if data is None:
        raise ConfigurationError(
            f"checklist: {name} does not exist", advice="Correct the path, or add the file."
        )
    return data


def _waivers(
    read: Read, known: Collection[str] | None, now: datetime
) -> tuple[dict[str, StandingWaiver], tuple[str, ...]]:
    data = read(waivers.DEFAULT_PATH)
    if data is None:
        return {}, ()
    found = waivers.load_waivers(data)
    _refuse(waivers.DEFAULT_PATH, found.unknown_ids(known) if known is not None else ())
    standing: dict[str, StandingWaiver] = {}
    notes: list[str] = []
    today = now.astimezone(UTC).date()
    for one in found.entries:
        ended = expired(one.expires, now)
        if ended:
            notes.append(f"the waiver for {one.id} expired on {one.expires}")
        elif (one.expires - today).days <= _RUNWAY_DAYS:
            notes.append(f"the waiver for {one.id} ends on {one.expires}")
        standing[one.id] = StandingWaiver(
            one.id,
            one.reason,
            one.approved_by,
            one.expires.isoformat(),
            one.link or "",
            ended,
        )
    return standing, tuple(notes)


def _attestations(read: Read, known: Collection[str] | None) -> tuple[Attestation, ...]:
    data = read(attestations.DEFAULT_PATH)
    if data is None:
        return ()
    found = attestations.load_attestations(data)
    _refuse(attestations.DEFAULT_PATH, found.unknown_ids(known) if known is not None else ())
    return tuple(
        Attestation(
            id=one.id,
            by=one.by,
            evidence=one.evidence,
            date=one.date.isoformat(),
            expires=one.expires.isoformat() if one.expires else None,
            scope=one.scope,
        )
        for one in found.entries
    )


def _refuse(name: str, problems: Collection[Problem]) -> None:
    if problems:
        raise failure(name, problems)
