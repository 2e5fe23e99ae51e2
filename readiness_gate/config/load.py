"""Reads `.github/readiness.yml` and keeps the place of everything, for errors found later."""

import hashlib
import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from readiness_gate.config.schema import GateConfig
from readiness_gate.doors import yaml
from readiness_gate.doors.records import Problem, bind, did_you_mean, dotted, failure
from readiness_gate.errors import ConfigurationError

RecordT = TypeVar("RecordT", bound=BaseModel)

DEFAULT_PATH = ".github/readiness.yml"
SIZE_CAP = 2 * 1024 * 1024
"""Bytes; a checklist of many thousand lines, each with its binding, stays below it."""


class LoadedConfig(NamedTuple):
    """The configuration with its fingerprint and the places of its values."""

    config: GateConfig
    digest: str
    """SHA-256 of the data as canonical JSON: comments and layout do not change it."""
    document: yaml.Document

    @property
    def name(self) -> str:
        """Name of the file, as in messages."""
        return self.document.name

    def problem(self, path: yaml.Path, message: str) -> Problem:
        """Return a problem with the value at `path` (`("items", "cors", "with")`)."""
        where = dotted(self.document.known(path))
        text = f"{where}: {message}" if where else message
        return Problem(self.document.position(path), text)

    def error(self, path: yaml.Path, message: str) -> ConfigurationError:
        """Return one problem as an error that names file, line and column."""
        return failure(self.name, [self.problem(path, message)])

    def bind(
        self, path: yaml.Path, data: Any, record: type[RecordT]
    ) -> RecordT | tuple[Problem, ...]:
        """Return the options at `path` (`None` as data: all defaults), or their problems."""
        return bind(self.document, path, {} if data is None else data, record)

    def failure(self, problems: Collection[Problem]) -> ConfigurationError:
        """Return problems as one error, sorted by place."""
        return failure(self.name, problems)


def load_config(
    text: str | bytes, *, name: str = DEFAULT_PATH, check_ids: Collection[str] | None = None
) -> LoadedConfig:
    """Return the configuration.

    `check_ids` are the ids of the catalogue; `None` leaves them unjudged.

    Raises:
        ConfigurationError: listing everything that is wrong, by line and column.
    """
    document = yaml.load(text, name=name, cap=SIZE_CAP)
    if document.data is None:
        raise document.error((), "the file is empty", advice="start with version: 1")
    if not isinstance(document.data, dict):
        raise document.error((), "has to be a mapping that starts with version: 1")
    loaded = bind(document, (), document.data, GateConfig)
    found = [] if isinstance(loaded, GateConfig) else list(loaded)
    found += _unknown_phases(document)
    found += _unknown_services(document)
    if check_ids is not None:
        found += _unknown_checks(document, check_ids)
    if found or not isinstance(loaded, GateConfig):
        raise failure(name, found)
    return LoadedConfig(loaded, _digest(document.data), document)


def _digest(data: Any) -> str:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _unknown_checks(document: yaml.Document, check_ids: Collection[str]) -> Iterator[Problem]:
    for path, check in _checks(document.data):
        if isinstance(check, str) and check not in check_ids:
            advice = did_you_mean(check, check_ids)
            message = f"{dotted(path)}: unknown check {check[:80]!r}{advice}"
            yield Problem(document.position(path), message)


def _checks(data: dict[str, Any]) -> Iterator[tuple[yaml.Path, Any]]:
    for name, item in _mapping(data, "items").items():
        if not isinstance(item, dict):
            yield ("items", name), item
            continue
        if "check" in item:
            yield ("items", name, "check"), item["check"]
        bound = item.get("checks")
        for index, entry in enumerate(bound if isinstance(bound, list) else ()):
            path = ("items", name, "checks", index)
            if isinstance(entry, dict):
                yield (*path, "check"), entry.get("check")
            else:
                yield path, entry


def _unknown_phases(document: yaml.Document) -> Iterator[Problem]:
    """A misspelt phase would be a later one, and those never block."""
    phases = document.data.get("phases")
    if not isinstance(phases, list) or not phases:
        return
    used: list[tuple[yaml.Path, Any]] = [(("phase",), document.data.get("phase"))]
    for name, item in _mapping(document.data, "items").items():
        if isinstance(item, dict):
            used.append((("items", name, "phase"), item.get("phase")))
    for path, phase in used:
        if isinstance(phase, str) and phase not in phases:
            advice = did_you_mean(phase, [name for name in phases if isinstance(name, str)])
            message = f"{dotted(path)}: {phase[:80]!r} is not one of phases{advice}"
            yield Problem(document.position(path), message)


def _unknown_services(document: yaml.Document) -> Iterator[Problem]:
    """Under the process driver every service is known here; a compose file is read later."""
    stack = _mapping(document.data, "stack")
    processes = _mapping(stack, "processes")
    if stack.get("driver") != "process" or not processes:
        return
    for path, service in _services(_mapping(document.data, "databases")):
        if isinstance(service, str) and service not in processes:
            advice = did_you_mean(service, processes)
            message = f"{dotted(path)}: no process is called {service[:80]!r}{advice}"
            yield Problem(document.position(path), message)


def _services(databases: dict[str, Any]) -> Iterator[tuple[yaml.Path, Any]]:
    for name in databases:
        database = _mapping(databases, name)
        path = ("databases", name)
        yield (*path, "service"), database.get("service")
        yield (*path, "migrations", "service"), _mapping(database, "migrations").get("service")
        seed = database.get("seed")
        for index, entry in enumerate(seed if isinstance(seed, list) else ()):
            if isinstance(entry, dict):
                yield (*path, "seed", index, "service"), entry.get("service")


def _mapping(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}
