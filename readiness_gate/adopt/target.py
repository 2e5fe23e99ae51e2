"""The sections `stack` and `databases` that a checkout suggests."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.adopt.options.wanted import Filled
from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.checks.base import Check
from readiness_gate.model.outcome import Need, Stage

_PORT = 8000
_APP = re.compile(
    r"^(\w+)\s*(?::[^=]+)?=\s*(?:FastAPI|Starlette|(?:create|make|build|get)_app(?:lication)?)\(",
    re.MULTILINE,
)
_ONE_SHOT = re.compile(r"migrat|init|setup|bootstrap")


@dataclass(frozen=True)
class Target:
    """What would be started and looked at."""

    stack: Mapping[str, Any] = field(default_factory=dict)
    databases: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What somebody has to see to, one line each."""

    @property
    def database(self) -> str | None:
        """Return the name of the only database."""
        return next(iter(self.databases), None)

    def lacks(self, check: Check[Any], wish: Filled, stage: Stage) -> str:
        """Return what a check needs that is not configured, empty where nothing is missing."""
        stack = bool(check.needs & {Need.STACK, Need.IMAGES})
        if (wish.database or Need.DATABASE in check.needs) and not self.databases:
            return "configure its database (docs/databases.md)"
        if stack and stage in {Stage.POST_DEPLOY, Stage.SCHEDULED}:
            return "name the deployed copy under `environments`"
        if stack and not self.stack:
            return "configure the stack (docs/stacks.md)"
        return ""


def target_of(facts: RepositoryFacts) -> Target:
    """Return what the checkout suggests; empty sections where it suggests nothing."""
    stack = _compose(facts) if facts.services else _process(facts)
    return Target(stack, _databases(facts, stack), tuple(_notes(facts, stack)))


def _compose(facts: RepositoryFacts) -> dict[str, Any]:
    section: dict[str, Any] = {"driver": "compose", "files": list(facts.compose_files)}
    folder = facts.compose_files[0].rpartition("/")[0]
    for name in (".env.ci", ".env.test"):
        path = f"{folder}/{name}" if folder else name
        if facts.workspace.lists(path):
            section["env-file"] = path
            break
    once = {one.name: {"one-shot": True} for one in facts.services if _ONE_SHOT.search(one.name)}
    if once:
        section["services"] = once
    app = facts.application
    if app is not None and app.ports:
        section["base-url"] = f"http://{app.name}:{app.ports[0]}"
    return section


def _process(facts: RepositoryFacts) -> dict[str, Any]:
    """Return one process for an ASGI application without a compose file."""
    for path, text in facts.sources:
        found = _APP.search(text)
        if found is None:
            continue
        address = f"http://127.0.0.1:{_PORT}"
        app = f"{facts.module(path)}:{found[1]}"
        command = ["python", "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(_PORT)]
        process: dict[str, Any] = {"command": command, "python": ".venv/bin/python"}
        if facts.sqlite:
            process["environment"] = {"DATABASE_URL": facts.sqlite}
        if facts.health:
            process["ready"] = {"http": f"{address}{facts.health}"}
        else:
            process["ready"] = {"tcp": _PORT}
        return {"driver": "process", "processes": {"api": process}, "base-url": address}
    return {}


def _databases(facts: RepositoryFacts, stack: Mapping[str, Any]) -> dict[str, Any]:
    server = facts.service("database")
    database: dict[str, Any] = {}
    owner = facts.application.name if facts.application else "api"
    if server is not None:
        database["service"] = server.name
    elif stack and facts.sqlite:
        database |= {"service": owner, "url": facts.sqlite}
    else:
        return {}
    if facts.alembic:
        name = facts.alembic.rpartition("/")[2]
        migrations: dict[str, Any] = {"service": owner, "config": name}
        if stack.get("driver") == "process":
            migrations |= {"config": facts.alembic, "python": "python"}
        migrations["run"] = "before-start"
        database["migrations"] = migrations
    seed = facts.first("create_test_data.py", "**/create_test_data.py", "create_data.py",
                       "**/seed.py", "**/seed_*.py")  # fmt: skip
    if seed:
        name = seed if stack.get("driver") == "process" else seed.rpartition("/")[2]
        database["seed"] = [{"service": owner, "command": ["python", name]}]
    return {"main": database}


def _notes(facts: RepositoryFacts, stack: Mapping[str, Any]) -> list[str]:
    notes = []
    if not stack:
        notes.append("no compose file and no application was found: configure `stack` by hand")
    elif "base-url" not in stack:
        notes.append("which service answers relative URLs is unknown: set stack.base-url")
    if facts.service("database") is None and not facts.sqlite:
        notes.append("no database was found: configure `databases` by hand where there is one")
    return notes
