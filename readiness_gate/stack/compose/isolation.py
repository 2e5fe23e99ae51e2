"""Rewrites the judged model so that nothing of it is shared with another project or run.

The answer is the very file that is built and started: what the policy read is what runs.
"""

import copy
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness_gate.stack.compose.limits import limit
from readiness_gate.stack.compose.model import exposed_ports
from readiness_gate.stack.compose.sink_name import know_the_machine
from readiness_gate.stack.project import PROJECT_LABEL

# Only the swarm reads these; compose warns about them.
_DROPPED = ("profiles", "container_name", "pull_policy", "ports", "develop")


@dataclass(frozen=True)
class Isolated:
    """A model that is safe to run beside others."""

    data: Mapping[str, Any]
    images: Mapping[str, str] = field(default_factory=dict)
    """Image that each service runs, by service; built ones are named by the project."""
    built_by: Mapping[str, str] = field(default_factory=dict)
    """The service that builds the image of a service, for those whose image is built."""
    always_pulled: frozenset[str] = frozenset()

    def only(self, names: Collection[str]) -> "Isolated":
        """Return the same for some services, with no dependency on any other."""
        services = {}
        for name in sorted(names):
            body = dict(self.data["services"][name])
            needed = body.get("depends_on") or {}
            body["depends_on"] = {key: entry for key, entry in needed.items() if key in names}
            services[name] = body
        return Isolated(
            {**self.data, "services": services},
            {name: self.images[name] for name in services},
            {name: self.built_by[name] for name in services if name in self.built_by},
            self.always_pulled,
        )


def isolate(
    data: Mapping[str, Any],
    *,
    project: str,
    labels: Mapping[str, str],
    publish: bool,
    first: Collection[str] = (),
    memory: int = 0,
    address: str = "127.0.0.1",
    way_back: bool = False,
) -> Isolated:
    """Return the model without host ports, fixed names and foreign tags, labelled throughout.

    Args:
        data: the normalised model, not changed.
        project: prefix of every name.
        labels: put on containers, networks and volumes; images carry the project only, so that
            the label of one run does not make another image out of the same layers.
        publish: keep ports as random ones, for machines whose containers cannot be
            reached directly.
        first: services that build what several share, before those that are only run by name.
        address: of the engine's machine, for the ports to keep.
        way_back: let services find the gate on the engine's machine.
        memory: bytes for a service that declares no limit; 0: as much as there is.
    """
    model = {key: value for key, value in copy.deepcopy(dict(data)).items() if key != "version"}
    model = {key: value for key, value in model.items() if not key.startswith("x-")}
    model["name"] = project
    services: dict[str, Any] = model.get("services") or {}
    built_by = _share_builds(services, project, first)
    always = frozenset(name for name, body in services.items() if _pulls_always(body))
    images = {}
    for name, body in services.items():
        builder = built_by.get(name)
        images[name] = f"{project}-{builder}" if builder else str(body.get("image") or "")
        _isolate_service(body, labels=labels, publish=address if publish else "")
        limit(body, memory=memory)
        if way_back:
            know_the_machine(body)
        if builder is not None:
            _isolate_build(body, builds=builder == name, image=images[name])
    _own(model, "networks", project, labels)
    _own(model, "volumes", project, labels)
    for kind in ("secrets", "configs"):
        for name, body in (model.get(kind) or {}).items():
            body["name"] = f"{project}_{name}"
    return Isolated(model, images, built_by, always)


def _share_builds(
    services: Mapping[str, Any], project: str, first: Collection[str]
) -> dict[str, str]:
    """Return which service builds for which, equal builds once, and other users of its tag."""
    builders: dict[str, str] = {}
    tags: dict[str, str] = {}
    built_by: dict[str, str] = {}
    for name in sorted(services, key=lambda name: (name not in first, name)):
        body = services[name]
        if body.get("build"):
            same = json.dumps([body["build"], body.get("platform")], sort_keys=True)
            built_by[name] = builders.setdefault(same, name)
            if body.get("image"):
                tags.setdefault(str(body["image"]), built_by[name])
    for name in sorted(services):
        image = str(services[name].get("image") or "")
        if name not in built_by and image in tags:
            built_by[name] = tags[image]
        elif name not in built_by and image.startswith(f"{project}-"):
            # Compose's own default name of a built image, written out by another service.
            builder = image.removeprefix(f"{project}-").partition(":")[0]
            if builder in services and services[builder].get("build"):
                built_by[name] = built_by.get(builder, builder)
    return built_by


def _isolate_service(body: dict[str, Any], *, labels: Mapping[str, str], publish: str) -> None:
    ports = body.get("ports") or []
    exposed = [{"target": port} for port in exposed_ports(body)]
    for key in _DROPPED:
        body.pop(key, None)
    (body.get("deploy") or {}).pop("placement", None)
    if publish:
        targets = {(int(p["target"]), str(p.get("protocol", "tcp"))) for p in [*ports, *exposed]}
        body["ports"] = [
            {"mode": "ingress", "target": target, "protocol": protocol, "host_ip": publish}
            for target, protocol in sorted(targets)
        ]
    # All images are there before anything starts; from then on no command may fetch one.
    body["pull_policy"] = "never"
    body["labels"] = {**_labels(body.get("labels")), **labels}


def _isolate_build(body: dict[str, Any], *, builds: bool, image: str) -> None:
    if not builds:
        body.pop("build", None)
        body["image"] = image
        return
    # Without the key compose names the image by the project, and nobody's tag is overwritten.
    body.pop("image", None)
    build = body["build"]
    for key in ("tags", "cache_to"):
        build.pop(key, None)
    project_label = body["labels"][PROJECT_LABEL]
    build["labels"] = {**_labels(build.get("labels")), PROJECT_LABEL: project_label}


def _own(model: dict[str, Any], kind: str, project: str, labels: Mapping[str, str]) -> None:
    declared = model.get(kind) or {}
    for name in declared:
        body = declared[name] or {}
        if not body.get("external"):
            body = {**body, "name": f"{project}_{name}"}
            body["labels"] = {**_labels(body.get("labels")), **labels}
        declared[name] = body


def _pulls_always(body: Mapping[str, Any]) -> bool:
    return body.get("pull_policy") == "always"


def _labels(declared: Any) -> dict[str, str]:
    if isinstance(declared, Mapping):
        return {str(key): str(value) for key, value in declared.items()}
    pairs = (str(entry).partition("=") for entry in declared or ())
    return {key: value for key, _, value in pairs}
