"""Imports go one way: model ← errors, units ← doors ← … ← cli (DESIGN 2)."""

from tests.contracts.sources import Module, modules

LEVELS = (
    ("model",),
    ("errors", "expressions", "units"),
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


def test_a_room_imports_only_from_rooms_below_it() -> None:
    wrong = [
        f"{module.name}:{line} {module.room} imports {room}"
        for module in modules()
        if module.room not in ANYWHERE
        for line, room in ours(module)
        if room != module.room and LEVEL_OF[room] >= LEVEL_OF[module.room]
    ]
    assert wrong == []


def test_what_every_room_may_read_imports_from_none() -> None:
    assert [ours(module) for module in modules() if module.room in ANYWHERE] == [[]]


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
