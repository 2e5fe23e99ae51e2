"""The services of the compose files of a checkout, as far as bindings are chosen by them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readiness_gate.doors.project_yaml import PlacedDocument, load_placed
from readiness_gate.doors.workspace import PathRefused, Workspace
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.compose_project import ComposeInvalid, compose_project

NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_PORT = re.compile(r"(\d{1,5})(?:/tcp)?$")
_KINDS = {
    "database": re.compile(r"\b(postgres|postgis|timescale|pgvector|mariadb|mysql|percona)"),
    "redis": re.compile(r"\b(redis|valkey|keydb|dragonfly)"),
    "prometheus": re.compile(r"\bprom(etheus)?\b"),
    "logs": re.compile(r"\b(loki|promtail|fluent-?(bit|d)|vector|logstash|elasticsearch)\b"),
    "edge": re.compile(r"\b(nginx|traefik|caddy|haproxy|envoy)\b"),
}
_APPLICATION = ("backend", "api", "app", "web", "server")
_FRONTEND = re.compile(r"^(front-?end|ui|web-?(ui|app)?|client)$")
_WORKERS = (re.compile(r"worker|celery"), re.compile(r"consumer|queue|jobs?$"))
_ONCE = re.compile(r"init|migrat|setup")


@dataclass(frozen=True)
class Service:
    """One service: what it is, and where it listens and writes."""

    name: str
    image: str = ""
    built: bool = False
    ports: tuple[int, ...] = ()
    """Ports inside the container, published or exposed."""
    volumes: tuple[str, ...] = ()
    """Paths in the container at which a named volume is mounted."""
    networks: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    published: bool = False
    health_check: bool = False
    command: str = ""

    @property
    def kind(self) -> str:
        """Return `database`, `redis`, `prometheus`, `logs`, `edge`, or an empty text."""
        words = f"{self.image} {'' if self.built or self.image else self.name}".casefold()
        return next((kind for kind, known in _KINDS.items() if known.search(words)), "")


def compose_files(workspace: Workspace) -> tuple[str, ...]:
    """Return the compose file that compose would take, or the one in the nearest folder."""
    for name in NAMES:
        if workspace.lists(name):
            return (name,)
    below = sorted(
        (path for path in workspace.files() if path.rpartition("/")[2] in NAMES),
        key=lambda path: (path.count("/"), path),
    )
    return tuple(below[:1])


def read_services(workspace: Workspace, files: Sequence[str]) -> tuple[Service, ...]:
    """Return the services of compose files; none where they cannot be read."""
    if not files:
        return ()

    def documents(name: str) -> list[PlacedDocument]:
        return load_placed(workspace.text(name), name=name)

    try:
        project = compose_project(files, documents)
    except (ComposeInvalid, ConfigurationError, PathRefused, OSError):
        return ()
    return tuple(_service(name, body) for name, body in project.services.items())


def application(services: Sequence[Service]) -> Service | None:
    """Return the service that people call: built here, with a port, and named so."""
    built = [one for one in services if one.built and not one.profiles and not one.kind]
    behind = [one for one in built if not _FRONTEND.match(one.name)] or built
    named = [one for word in _APPLICATION for one in behind if word in one.name.casefold()]
    listening = [one for one in (*named, *behind) if one.ports]
    return next(iter((*listening, *named, *behind)), None)


def frontend(services: Sequence[Service]) -> Service | None:
    """Return the service of the pages, where there is one."""
    return next((one for one in services if _FRONTEND.match(one.name.casefold())), None)


def worker(services: Sequence[Service]) -> Service | None:
    """Return the service that works in the background, where there is one."""
    mine = [
        one
        for one in services
        if not (one.profiles or one.kind or _ONCE.search(one.name.casefold()))
    ]
    named = (one for words in _WORKERS for one in mine if words.search(one.name.casefold()))
    return next(named, None)


def _service(name: str, body: Mapping[str, Any]) -> Service:
    ports = [*_listed(body.get("ports")), *_listed(body.get("expose"))]
    return Service(
        name=name,
        image=str(body.get("image") or ""),
        built=bool(body.get("build")),
        ports=tuple(dict.fromkeys(found for one in ports if (found := _port(one)))),
        volumes=tuple(path for one in _listed(body.get("volumes")) if (path := _volume(one))),
        networks=tuple(str(one) for one in _listed(body.get("networks"))),
        profiles=tuple(str(one) for one in _listed(body.get("profiles"))),
        published=bool(_listed(body.get("ports"))),
        health_check=bool(body.get("healthcheck")),
        command=str(body.get("command") or ""),
    )


def _listed(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value)
    return value if isinstance(value, list) else []


def _port(value: Any) -> int | None:
    text = str(value.get("target") if isinstance(value, Mapping) else value)
    found = _PORT.search(text)
    return int(found[1]) if found and 0 < int(found[1]) <= 65_535 else None


def _volume(value: Any) -> str:
    """Return the path of a named volume, empty for everything else."""
    if isinstance(value, Mapping):
        named = value.get("type") == "volume"
        return str(value.get("target") or "") if named else ""
    source, _, target = str(value).partition(":")
    named = bool(target) and not source.startswith((".", "/", "~", "$"))
    return target.split(":")[0] if named else ""
