"""The compose model after compose itself has normalised it: plain data, read by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from readiness_gate.stack.base import Published
from readiness_gate.stack.judge import Dependency, Expectation

COMPLETED = "service_completed_successfully"


@dataclass(frozen=True)
class Service:
    """One service of the normalised model."""

    name: str
    body: Mapping[str, Any]

    @property
    def is_built(self) -> bool:
        """Whether its image is built from the checkout."""
        return bool(self.body.get("build"))

    @property
    def declared_image(self) -> str:
        """Return the image key as the project wrote it, empty where there is none."""
        return str(self.body.get("image") or "")

    @property
    def replicas(self) -> int:
        """Return how many containers are expected."""
        deploy = self.body.get("deploy") or {}
        if deploy.get("mode") in {"global", "global-job"}:
            return 1
        count = deploy.get("replicas", self.body.get("scale"))
        return 1 if count is None else int(count)

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the declared variables; those without a value are left out."""
        declared = self.body.get("environment") or {}
        return {
            name: _unescaped(str(value)) for name, value in declared.items() if value is not None
        }

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the container's ports that the project publishes or exposes."""
        found = {int(port["target"]) for port in self.body.get("ports") or ()}
        return tuple(sorted(found | set(exposed_ports(self.body))))

    @property
    def platform(self) -> str:
        """Return the platform that the project asks for, empty for the machine's own."""
        return str(self.body.get("platform") or "")

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """Return `depends_on` and what shares a namespace or volumes with another service."""
        declared = self.body.get("depends_on") or {}
        found = {
            name: Dependency(
                name,
                str(entry.get("condition", "service_started")),
                bool(entry.get("required", True)),
            )
            for name, entry in declared.items()
        }
        for name in self._shared():
            found.setdefault(name, Dependency(name))
        return tuple(found[name] for name in sorted(found))

    def _shared(self) -> Iterator[str]:
        for key in ("network_mode", "pid", "ipc"):
            value = str(self.body.get(key) or "")
            if value.startswith("service:"):
                yield value.removeprefix("service:")
        for source in self.body.get("volumes_from") or ():
            if not str(source).startswith("container:"):
                yield str(source).partition(":")[0]
        for link in self.body.get("links") or ():
            yield str(link).partition(":")[0]


@dataclass(frozen=True)
class ComposeModel:
    """The whole model: the services that profiles enable, and those only run by name."""

    data: Mapping[str, Any]
    profiles: Sequence[str] = ()

    @cached_property
    def all_services(self) -> Mapping[str, Service]:
        """Return every service by name, sorted."""
        bodies = self.data.get("services") or {}
        return {name: Service(name, bodies[name] or {}) for name in sorted(bodies)}

    @cached_property
    def published(self) -> tuple[Published, ...]:
        """Return the TCP ports of enabled services that have a number on the machine."""
        found = {
            int(port["published"]): Published(int(port["published"]), name, int(port["target"]))
            for name, service in self.services.items()
            for port in service.body.get("ports") or ()
            if str(port.get("published") or "").isdigit()
            and str(port.get("protocol") or "tcp") == "tcp"
        }
        return tuple(found[number] for number in sorted(found))

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """Return the services that are started, by name: the enabled ones and what they need."""
        chosen = {name for name, service in self.all_services.items() if self._enabled(service)}
        rest = list(chosen)
        while rest:
            for dependency in self.all_services[rest.pop()].dependencies:
                known = dependency.service in self.all_services
                if known and dependency.required and dependency.service not in chosen:
                    chosen.add(dependency.service)
                    rest.append(dependency.service)
        return {name: self.all_services[name] for name in sorted(chosen)}

    def _enabled(self, service: Service) -> bool:
        own = service.body.get("profiles") or ()
        if service.replicas == 0:
            return False
        return not own or "*" in self.profiles or any(name in self.profiles for name in own)

    def ready_made(self, name: str) -> bool:
        """Return whether a started service and all that it needs run on, from images of others."""
        service = self.services.get(name)
        if service is None or service.is_built or service.declared_image in self._own_images:
            return False
        return all(
            one.condition != COMPLETED and self.ready_made(one.service)
            for one in service.dependencies
        )

    @cached_property
    def _own_images(self) -> frozenset[str]:
        return frozenset(one.declared_image for one in self.all_services.values() if one.is_built)

    def expectations(self, one_shot: Mapping[str, bool | None]) -> dict[str, Expectation]:
        """Return what the waiter expects of every service; `one_shot` is as configured."""
        services = self.services
        adopted = {
            dependency.service
            for service in services.values()
            for dependency in service.dependencies
            if dependency.condition == COMPLETED
        }
        jobs = {
            name
            for name, service in services.items()
            if (service.body.get("deploy") or {}).get("mode") in {"replicated-job", "global-job"}
        }
        return {
            name: Expectation(
                service=name,
                replicas=service.replicas,
                one_shot=one_shot.get(name),
                adopted=name in adopted | jobs,
                has_ports=bool(service.ports),
                built=service.is_built,
                dependencies=tuple(d for d in service.dependencies if d.service in services),
            )
            for name, service in services.items()
        }


def exposed_ports(body: Mapping[str, Any]) -> list[int]:
    """Return the ports under `expose`, with ranges such as `3000-3005/tcp` written out."""
    found: list[int] = []
    for entry in body.get("expose") or ():
        first, _, last = str(entry).partition("/")[0].partition("-")
        if first.isdigit() and (last or first).isdigit():
            found += range(int(first), int(last or first) + 1)
    return found


def _unescaped(text: str) -> str:
    # `docker compose config` writes every literal dollar as two.
    return text.replace("$$", "$")
