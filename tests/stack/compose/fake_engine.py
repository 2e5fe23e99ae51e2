"""A container engine in memory: names, labels and who is attached where."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.base import ArchiveEntry, Inspection, NotThere
from readiness_gate.stack.log_frames import Line

Things = dict[str, dict[str, Any]]


def labelled(things: Iterable[dict[str, Any]], labels: Sequence[str]) -> list[dict[str, Any]]:
    def matches(thing: dict[str, Any]) -> bool:
        own = thing.get("Labels") or {}
        pairs = {f"{key}={value}" for key, value in own.items()} | set(own)
        return all(label in pairs for label in labels)

    return [thing for thing in things if matches(thing)]


@dataclass
class InMemoryEngine:
    """Implements `Engine`."""

    all_containers: Things = field(default_factory=dict)
    all_networks: Things = field(default_factory=dict)
    all_volumes: Things = field(default_factory=dict)
    all_images: Things = field(default_factory=dict)
    stubborn: set[str] = field(default_factory=set)
    unreachable: bool = False
    calls: list[tuple[str, ...]] = field(default_factory=list)
    machine_facts: dict[str, Any] = field(default_factory=dict)
    all_lines: dict[str, list[Line]] = field(default_factory=dict)
    all_statistics: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: dict[tuple[str, str], ArchiveEntry] = field(default_factory=dict)
    past_events: list[Inspection] = field(default_factory=list)

    def add(self, kind: str, name: str, labels: Mapping[str, str], **more: Any) -> None:
        things: Things = getattr(self, f"all_{kind}")
        things[name] = {"Id": name, "Name": name, "Labels": dict(labels), **more}

    def version(self) -> str:
        self._reach()
        return "28.0"

    def containers(self, labels: Sequence[str]) -> list[Inspection]:
        self._reach()
        return list(labelled(self.all_containers.values(), labels))

    def container(self, name: str) -> Inspection:
        return self._one(self.all_containers, name)

    def start(self, container: str) -> None:
        self.calls.append(("start", container))

    def signal(self, container: str, name: str) -> None:
        self.calls.append(("signal", container, name))

    def pause(self, container: str) -> None:
        self.calls.append(("pause", container))

    def unpause(self, container: str) -> None:
        self.calls.append(("unpause", container))

    def processes(self, container: str) -> list[str]:
        return []

    def reconnect(
        self, network: str, container: str, *, aliases: Sequence[str], address: str = ""
    ) -> None:
        self.calls.append(("reconnect", network, container, *aliases, address))

    def put(self, container: str, folder: str, archive: bytes) -> None:
        self.calls.append(("put", container, folder))

    def remove_container(self, container: str) -> None:
        self._remove(self.all_containers, container)

    def networks(self, labels: Sequence[str]) -> list[Inspection]:
        return list(labelled(self.all_networks.values(), labels))

    def network(self, name: str) -> Inspection:
        return self._one(self.all_networks, name)

    def connect(self, network: str, container: str, aliases: Sequence[str] = ()) -> None:
        self.all_networks[network].setdefault("Containers", {})[container] = {}

    def disconnect(self, network: str, container: str) -> None:
        self.calls.append(("disconnect", network, container))
        self.all_networks[network].get("Containers", {}).pop(container, None)

    def remove_network(self, network: str) -> None:
        if self.all_networks.get(network, {}).get("Containers"):
            raise StackError(f"network {network} has active endpoints")
        self._remove(self.all_networks, network)

    def volumes(self, labels: Sequence[str]) -> list[str]:
        return [str(one["Name"]) for one in labelled(self.all_volumes.values(), labels)]

    def labelled_volumes(self, labels: Sequence[str]) -> list[Inspection]:
        return list(labelled(self.all_volumes.values(), labels))

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        self.add("volumes", name, labels)

    def remove_volume(self, name: str) -> None:
        self._remove(self.all_volumes, name)

    def image(self, name: str) -> Inspection:
        return self._one(self.all_images, name)

    def images(self, labels: Sequence[str]) -> list[Inspection]:
        return list(labelled(self.all_images.values(), labels))

    def remove_image(self, name: str) -> None:
        self.calls.append(("remove_image", name))
        for key, image in list(self.all_images.items()):
            tags = image.get("RepoTags") or []
            if name in tags:
                tags.remove(name)
            if name == key or (name.startswith("rg-") and not tags):
                self.all_images.pop(key, None)

    def logs(self, container: str, lines: int) -> str:
        return f"log of {container}"

    def follow(
        self, labels: Sequence[str], since: float, hear: Callable[[Inspection | None], bool]
    ) -> None:
        self._reach()
        hear(None)

    def stop_following(self) -> None:
        self.calls.append(("stop_following",))

    def file(self, container: str, path: str) -> bytes:
        raise NotThere(path)

    def about(self) -> Inspection:
        self._reach()
        return {"Version": "28.0", "ApiVersion": "1.48", "MinAPIVersion": "1.24"}

    def machine(self) -> Inspection:
        self._reach()
        return {"MemTotal": 16 * 10**9, "NCPU": 4, "DockerRootDir": "/", **self.machine_facts}

    def log_lines(
        self, container: str, *, since: float | None = None, until: float | None = None
    ) -> Iterator[Line]:
        for at, text, cut in self.all_lines.get(container, ()):
            if (since or 0.0) <= at <= (until or at):
                yield at, text, cut

    def statistics(self, container: str) -> Inspection:
        return self.all_statistics.get(container, {})

    def entry(self, container: str, path: str, *, content_cap: int) -> ArchiveEntry:
        if (container, path) not in self.entries:
            raise NotThere(f"Could not find the file {path} in container {container}")
        return self.entries[container, path]

    def layers(self, image: str) -> Sequence[int]:
        self._one(self.all_images, image)
        return [int(size) for size in self.all_images[image].get("Layers", ())]

    def close(self) -> None:
        self.calls.append(("close",))

    def _reach(self) -> None:
        if self.unreachable:
            raise StackError("the container engine does not answer", infrastructure=True)

    def _one(self, things: Things, name: str) -> Inspection:
        self._reach()
        if name not in things:
            raise NotThere(f"no such thing: {name}")
        return things[name]

    def _remove(self, things: Things, name: str) -> None:
        self.calls.append(("remove", name))
        if name in self.stubborn:
            raise StackError(f"{name} is in use")
        things.pop(name, None)
