"""Kubernetes objects as the rules of `kubernetes-manifest` see them: pods, containers, labels."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.checks.project_files import Problem, listed, mapping
from readiness_gate.doors.project_yaml import PlacedDocument

SERVING = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
WORKLOADS = SERVING | {"ReplicaSet", "Job", "CronJob", "Pod"}


@dataclass(frozen=True)
class Manifest:
    """One object of one file."""

    file: str
    document: PlacedDocument
    body: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Return the kind."""
        return str(self.body.get("kind"))

    @property
    def name(self) -> str:
        """Return the object's name."""
        return str(mapping(self.body.get("metadata")).get("name"))

    @property
    def namespace(self) -> str:
        """Return the namespace, empty for the one that it is applied to."""
        return str(mapping(self.body.get("metadata")).get("namespace") or "")

    @property
    def pod(self) -> Mapping[str, Any]:
        """Return the pod's specification, empty where the kind has none."""
        if self.kind not in WORKLOADS:
            return {}
        spec = mapping(self.body.get("spec"))
        if self.kind == "Pod":
            return spec
        if self.kind == "CronJob":
            spec = mapping(mapping(spec.get("jobTemplate")).get("spec"))
        return mapping(mapping(spec.get("template")).get("spec"))

    @property
    def labels(self) -> Mapping[str, Any]:
        """Return the labels of its pods."""
        spec = mapping(self.body.get("spec"))
        at = self.body if self.kind == "Pod" else mapping(spec.get("template"))
        return mapping(mapping(at.get("metadata")).get("labels"))

    def containers(self, *, serving: bool = False) -> Iterator[Mapping[str, Any]]:
        """Yield the containers of its pods; `serving`: only those that run as long as the pod."""
        for one in listed(self.pod.get("containers")):
            yield mapping(one)
        for one in () if serving else listed(self.pod.get("initContainers")):
            yield mapping(one)

    def at(self, text: str, container: object = None, key: str = "") -> Problem:
        """Return a problem of this object, at a key of one of its mappings where one is given."""
        line = self.document.line
        if container is not None:
            line = self.document.line_of(container, key or "name")
        return Problem(f"{self.kind} {self.name}: {text}", self.file, line)


@dataclass(frozen=True)
class Manifests:
    """All objects of all files."""

    all: tuple[Manifest, ...]

    def of(self, *kinds: str) -> Iterator[Manifest]:
        """Yield the objects of some kinds."""
        return (one for one in self.all if one.kind in kinds)

    @property
    def workloads(self) -> Iterator[Manifest]:
        """Yield everything that makes pods."""
        return self.of(*sorted(WORKLOADS))

    @property
    def serving(self) -> Iterator[Manifest]:
        """Yield everything that makes pods which stay."""
        return self.of(*sorted(SERVING))


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Return whether a label selector takes in some labels; an empty one takes in all."""
    if any(labels.get(key) != value for key, value in mapping(selector.get("matchLabels")).items()):
        return False
    return all(_expressed(mapping(one), labels) for one in listed(selector.get("matchExpressions")))


def _expressed(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), listed(expression.get("values"))
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False
