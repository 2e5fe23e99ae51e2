"""One door each to environment, subprocess, HTTP, YAML, clock and output (DESIGN 2, rules 1, 4).

Every module that goes through a wall stands here with its reason; one that no longer does is
taken out, or its line fails too.
"""

import pytest

from tests.contracts.sources import modules

THE_DOOR = "the door"
OWN_PROCESSES = "ends processes and containers also where no clock is handed in: the post step"
GENERATOR = "the load generator, in a process of its own"

IMPORTS: dict[str, dict[str, str]] = {
    "subprocess": {"doors/programs": THE_DOOR},
    "requests": {
        "forge/client": "what PyGithub speaks with: its errors, its session",
        "forge/archive": "GitHub's archives, which PyGithub does not download",
        "stack/compose/engine": "the errors of Docker's library",
    },
    "urllib3": {
        "doors/exchange": "the door to the target: one exchange of `doors/web`",
        "doors/connections": "what it connects with",
    },
    "socket": {
        "doors/sockets": "the door to the target's ports",
        "doors/sink_server": "ends connections of whoever sends without end",
        "doors/connections": "ends an exchange whose peer sends without end",
        "database/connection": "one address of a database, since PGHOSTADDR would win",
        "stack/compose/engine": "whether anybody listens at the socket of Docker",
        "stack/compose/place": "the address of the engine behind its name",
        "stack/compose/reach": "the address of the engine's machine",
        "stack/process_launch": "whether somebody else has the port",
        "stack/ready": "readiness of a port, asked by the waiter",
        "load/exchange": "the name of an error",
    },
    "ssl": {"doors/sockets": "the door to the target's ports"},
    "urllib.request": {},
    "http.client": {
        "doors/connections": "what urllib3 reads an answer with, as the target sends it"
    },
    "httpx": {},
    "github": {"forge/github": THE_DOOR},
    "yaml": {
        "doors/yaml": THE_DOOR,
        "doors/project_yaml": "the door for YAML that a project wrote for other readers",
    },
    "docker": {"stack/compose/engine": THE_DOOR},
    "jinja2": {
        "report/escape": THE_DOOR,
        "database/cleanup/revision": "writes Python, where the other escapes Markdown",
    },
    "typer": {"cli/app": THE_DOOR},
    "aiohttp": {
        "load/exchange": "the load generator's door to the target, in a process of its own",
        "load/generate": "what its session is",
    },
    "multiprocessing": {},
    "asyncio": {
        "load/child": GENERATOR,
        "load/exchange": GENERATOR,
        "load/generate": GENERATOR,
    },
}
ATTRIBUTES: dict[str, dict[str, str]] = {
    "os.environ": {
        "doors/settings": THE_DOOR,
        "cli/console": "NO_COLOR, FORCE_COLOR and TERM decide before there are settings",
    },
    "os.getenv": {},
    "os.putenv": {},
    "os.system": {},
    "os.popen": {},
    "os.fork": {"doors/fork": THE_DOOR},
    "time.sleep": {
        "doors/clock": THE_DOOR,
        "stack/compose/images": "one pause before a pull is tried again",
        "stack/compose/teardown": OWN_PROCESSES,
        "stack/process_state": OWN_PROCESSES,
    },
    "time.monotonic": {
        "stack/compose/watch": "how long ago a container was asked, which no test waits for",
        "doors/clock": THE_DOOR,
        "doors/programs": "measures its own child",
        "doors/exchange": "measures its own exchange",
        "doors/alarms": "ends exchanges whose time is over",
        "doors/sockets": "bounds its own connections",
        "database/connection": "a time limit inside SQLite's own callback",
        "stack/compose/images": "measures builds",
        "stack/compose/teardown": OWN_PROCESSES,
        "stack/process_state": OWN_PROCESSES,
        "cli/progress": "shows seconds to a person",
    },
    "time.time": {"stack/compose/black_box": "the engine's events are asked for by its wall clock"},
    "datetime.now": {"doors/clock": THE_DOOR},
    "datetime.utcnow": {},
    "datetime.today": {},
    "date.today": {},
    "sys.exit": {
        "cli/app": THE_DOOR,
        "cli/__init__": "an interrupt while the door still loads",
    },
    "os._exit": {"doors/fork": "ends the copy, which has nothing of its own to clean up"},
    "sys.stdout": {"cli/console": THE_DOOR, "load/child": GENERATOR},
    "sys.stderr": {"cli/console": THE_DOOR},
    "sys.argv": {},
}
CALLS: dict[str, dict[str, str]] = {
    "print": {},
    "exit": {},
    "quit": {},
    "input": {},
    "eval": {},
    "exec": {},
    "compile": {},
    "__import__": {},
}


def importers(what: str) -> set[str]:
    return {
        module.name
        for module in modules()
        for _, name in module.imports()
        if name == what or name.startswith(f"{what}.")
    }


def users(what: str) -> set[str]:
    return {module.name for module in modules() for _, name in module.attributes() if name == what}


def callers(what: str) -> set[str]:
    return {module.name for module in modules() for _, name in module.calls() if name == what}


@pytest.mark.parametrize("what", list(IMPORTS))
def test_an_import_goes_through_its_door(what: str) -> None:
    assert importers(what) == set(IMPORTS[what])


@pytest.mark.parametrize("what", list(ATTRIBUTES))
def test_a_use_goes_through_its_door(what: str) -> None:
    assert users(what) == set(ATTRIBUTES[what])


@pytest.mark.parametrize("what", list(CALLS))
def test_nothing_speaks_or_runs_text_inside_the_layers(what: str) -> None:
    assert callers(what) == set(CALLS[what])


FROM_IMPORTS = {"os": {"environ", "getenv", "system"}, "time": {"sleep", "monotonic", "time"}}


def test_nothing_gets_around_a_door_by_another_name() -> None:
    around = [
        f"{module.name}:{line} {name}"
        for module in modules()
        for line, name in module.imports()
        for origin, names in FROM_IMPORTS.items()
        if name in {f"{origin}.{one}" for one in names}
    ]
    assert around == []


def test_sqlalchemy_and_alembic_stay_in_their_rooms() -> None:
    assert {name.split("/")[0] for name in importers("sqlalchemy")} <= {"database", "checks"}
    assert {name.split("/")[0] for name in importers("alembic")} <= {"migrations", "checks"}
    assert {name.split("/")[0] for name in importers("rich")} <= {"cli", "report"}
