"""Imports go one way: model ← errors, units ← doors ← … ← cli (DESIGN 2)."""

import pytest

from tests.contracts.sources import Module, modules

LEVELS = (
    ("model",),
    ("errors", "units"),
    ("doors",),
    ("matchers", "formats"),
    ("config", "checklist", "merge", "migrations"),
    ("forge", "stack", "database", "load"),
    ("checks",),
    ("engine",),
    ("adopt", "report"),
    ("publish",),
    ("cli",),
    ("__main__",),
)
ANYWHERE = {"__init__"}
"""`readiness_gate.__version__` may be read by every level."""
LEVEL_OF = {room: number for number, level in enumerate(LEVELS) for room in level}


def ours(module: Module) -> list[tuple[int, str]]:
    """The rooms that a module imports from, with the line."""
    found = []
    for line, name in module.imports():
        parts = name.split(".")
        if parts[0] == "readiness_gate" and len(parts) > 1 and parts[1] in LEVEL_OF:
            found.append((line, parts[1]))
    return found


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_room_imports_only_from_rooms_below_it(module: Module) -> None:
    if module.room in ANYWHERE:
        assert ours(module) == []
        return
    level = LEVEL_OF[module.room]
    wrong = [
        f"line {line}: {module.room} imports {room}"
        for line, room in ours(module)
        if room != module.room and LEVEL_OF[room] >= level
    ]
    assert wrong == []


def test_probes_are_never_imported() -> None:
    importing = [
        f"{module.name}:{line}"
        for module in modules()
        for line, name in module.imports()
        if name.startswith("readiness_gate.probes")
    ]
    assert importing == []


def test_every_room_has_its_level() -> None:
    assert {module.room for module in modules()} - ANYWHERE <= set(LEVEL_OF)
