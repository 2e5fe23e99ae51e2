"""The items that a section of the configuration brings by itself (DESIGN 1.5)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from readiness_gate.config.schema import GateConfig


def section_items(
    config: GateConfig, named: Collection[str]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield item id, check id and options of every check that no item names itself."""
    for check_id in _checks(config):
        if check_id not in named:
            yield check_id, check_id, {}
    migrated = [name for name, database in config.databases.items() if database.migrations]
    for check_id in ("migrations-heads", "migrations-applied"):
        if check_id in named:
            continue
        for name in migrated:
            id_ = check_id if len(migrated) == 1 else f"{check_id}-{name}"
            yield id_, check_id, {"database": name}


def _checks(config: GateConfig) -> Iterator[str]:
    if config.merge is not None:
        if config.merge.order:
            yield "merge-order"
        yield "dependencies-merged"
    if config.stack is not None:
        yield "image-build"
        yield "stack-health"
