"""Which files the configuration names: who changes them changes what the gate asks for."""

from collections.abc import Iterator
from posixpath import normpath

from readiness_gate.checklist import attestations, waivers
from readiness_gate.config.schema import GateConfig


def policy_files(path: str, config: GateConfig) -> tuple[str, ...]:
    """Return globs of paths from the repository's root, the configuration's own `path` first."""
    return tuple(dict.fromkeys(normpath(one) for one in _named(path, config)))


def _named(path: str, config: GateConfig) -> Iterator[str]:
    yield from (path, *config.checklist, waivers.DEFAULT_PATH, attestations.DEFAULT_PATH)
    if config.stack is not None:
        yield from config.stack.files
        if config.stack.env_file is not None:
            yield config.stack.env_file
    for database in config.databases.values():
        if database.migrations is not None:
            # It is relative to a folder inside the service; where that is here, nobody says.
            yield f"**/{database.migrations.config.lstrip('/')}"
    for item in config.items.values():
        bound = [item.with_, *(one.with_ for one in item.checks or ())]
        for options in bound:
            baseline = (options or {}).get("baseline")
            if isinstance(baseline, str) and baseline:
                yield baseline
