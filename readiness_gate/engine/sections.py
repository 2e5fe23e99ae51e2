"""The items that a section of the configuration brings by itself (DESIGN 1.5)."""

from collections.abc import Collection, Iterator

from readiness_gate.config.schema import GateConfig, ItemConfig


def section_items(config: GateConfig, named: Collection[str]) -> Iterator[tuple[str, ItemConfig]]:
    """Yield id and item of every check that a section brings and no item names."""
    for check_id in _checks(config):
        if check_id not in named:
            yield check_id, ItemConfig(check=check_id)
    migrated = [name for name, database in config.databases.items() if database.migrations]
    for check_id in ("migrations-heads", "migrations-applied"):
        if check_id in named:
            continue
        for name in migrated:
            id_ = check_id if len(migrated) == 1 else f"{check_id}-{name}"
            yield id_, ItemConfig.model_validate({"check": check_id, "with": {"database": name}})


def _checks(config: GateConfig) -> Iterator[str]:
    if config.merge is not None:
        if config.merge.order:
            yield "merge-order"
        yield "dependencies-merged"
    if config.stack is not None:
        yield "image-build"
        yield "stack-health"
