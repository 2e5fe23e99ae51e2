"""What the maintainers decided: configuration, checklist, waivers, attestations (DESIGN 1.5).

In CI all of it is read at the tip of the base branch, on a laptop from the working tree; a pull
request can never waive itself.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date

from readiness_gate.checklist.attestations import load_attestations
from readiness_gate.checklist.markdown import parse
from readiness_gate.checklist.waivers import load_waivers
from readiness_gate.checks.base import Attestation
from readiness_gate.config.load import LoadedConfig, load_config
from readiness_gate.engine.plan import Line
from readiness_gate.engine.results import ActiveWaiver
from readiness_gate.errors import ConfigurationError

WAIVERS = ".github/readiness-waivers.yml"
ATTESTATIONS = ".github/readiness-attestations.yml"

Read = Callable[[str], bytes | None]
"""Returns a file's bytes at the place that decides, `None` where it is absent."""


@dataclass(frozen=True)
class Policy:
    """Everything that decides, from one place."""

    loaded: LoadedConfig
    lines: tuple[Line, ...]
    waivers: dict[str, ActiveWaiver]
    attestations: tuple[Attestation, ...]
    notes: tuple[str, ...]
    preview: bool = False


def read_policy(read: Read, path: str, *, check_ids: Collection[str], today: date) -> Policy | None:
    """Return the policy, `None` where there is no configuration at `path`.

    Raises:
        ConfigurationError: a file is malformed, or names an item that does not exist.
    """
    text = read(path)
    if text is None:
        return None
    loaded = load_config(_decoded(text, path), name=path, check_ids=check_ids)
    lines = tuple(line for name in loaded.config.checklist for line in _lines(read, name))
    known = {line.id for line in lines} | set(loaded.config.items)
    waivers, notes = _waivers(read, known, today)
    return Policy(loaded, lines, waivers, _attestations(read, known), notes)


def preview(policy: Policy) -> Policy:
    """Return the policy of a first adoption: what could harm is taken out (DESIGN 1.5)."""
    config = policy.loaded.config
    stack = config.stack and config.stack.model_copy(update={"allow": (), "environment": ()})
    harmless = config.model_copy(update={"stack": stack, "environments": {}, "enforce": "none"})
    loaded = replace(policy.loaded, config=harmless)
    return replace(policy, loaded=loaded, waivers={}, preview=True)


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{name}: not UTF-8 (byte {error.start})", advice="Save the file as UTF-8."
        ) from error


def _lines(read: Read, name: str) -> tuple[Line, ...]:
    data = read(name)
    if data is None:
        raise ConfigurationError(
            f"checklist: {name} does not exist", advice="Correct the path, or add the file."
        )
    return tuple(
        Line(
            id=line.id,
            text=line.text,
            ticked=line.ticked,
            category=line.category,
            severity=line.severity,
            phase=line.phase,
        )
        for line in parse(data)
    )


def _waivers(
    read: Read, known: Collection[str], today: date
) -> tuple[dict[str, ActiveWaiver], tuple[str, ...]]:
    data = read(WAIVERS)
    active: dict[str, ActiveWaiver] = {}
    notes: list[str] = []
    for waiver in load_waivers(_decoded(data, WAIVERS), name=WAIVERS) if data else ():
        if waiver.id not in known:
            raise _unknown(WAIVERS, waiver.id)
        if waiver.expires < today:
            notes.append(f"the waiver for {waiver.id} expired on {waiver.expires}")
            continue
        if (waiver.expires - today).days <= 14:
            notes.append(f"the waiver for {waiver.id} ends on {waiver.expires}")
        active[waiver.id] = ActiveWaiver(
            waiver.id, waiver.reason, waiver.approved_by, waiver.expires.isoformat()
        )
    return active, tuple(notes)


def _attestations(read: Read, known: Collection[str]) -> tuple[Attestation, ...]:
    data = read(ATTESTATIONS)
    if data is None:
        return ()
    found = load_attestations(_decoded(data, ATTESTATIONS), name=ATTESTATIONS)
    for one in found:
        if one.id not in known:
            raise _unknown(ATTESTATIONS, one.id)
    return tuple(
        Attestation(
            id=one.id,
            by=one.by,
            evidence=one.evidence,
            date=one.date.isoformat(),
            expires=one.expires.isoformat() if one.expires else None,
            scope=one.scope,
        )
        for one in found
    )


def _unknown(name: str, id_: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name}: there is no item {id_!r}",
        advice="Correct the id; `readiness-gate validate` lists the items.",
    )
