"""The rules of `kubernetes-manifest`, one function each: what does not hold, with its line."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from readiness_gate.checks.project_files import Problem, listed, mapping
from readiness_gate.checks.repository.kubernetes_objects import (
    SERVING,
    WORKLOADS,
    Manifest,
    Manifests,
    selects,
)
from readiness_gate.formats.image_name import image_name

Rule = Literal[
    "readiness-probe",
    "liveness-probe",
    "memory-limit",
    "cpu-request",
    "non-root",
    "no-privileges",
    "read-only",
    "pinned-image",
    "pinned-digest",
    "replicas",
    "autoscaling",
    "disruption-budget",
    "network-policy",
    "no-plain-secrets",
]
OF_ALL_OBJECTS = frozenset({"replicas", "autoscaling", "disruption-budget", "network-policy"})
"""Rules that another object of another file can keep."""
_POWERS = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN"})


def _probe(key: str, manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.serving:
        for container in one.containers(serving=True):
            if not mapping(container.get(key)):
                yield one.at(f"container {container.get('name')} has no {key}", container)


def _readiness_probe(manifests: Manifests) -> Iterator[Problem]:
    return _probe("readinessProbe", manifests)


def _liveness_probe(manifests: Manifests) -> Iterator[Problem]:
    return _probe("livenessProbe", manifests)


def _resource(part: str, name: str, manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.workloads:
        for container in one.containers():
            if not mapping(mapping(container.get("resources")).get(part)).get(name):
                text = f"container {container.get('name')} has no resources.{part}.{name}"
                yield one.at(text, container)


def _memory_limit(manifests: Manifests) -> Iterator[Problem]:
    return _resource("limits", "memory", manifests)


def _cpu_request(manifests: Manifests) -> Iterator[Problem]:
    return _resource("requests", "cpu", manifests)


def _non_root(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.workloads:
        of_pod = mapping(one.pod.get("securityContext"))
        for container in one.containers():
            own = {**of_pod, **mapping(container.get("securityContext"))}
            user = own.get("runAsUser")
            named = isinstance(user, int) and user > 0
            if user == 0 or (own.get("runAsNonRoot") is not True and not named):
                yield one.at(f"container {container.get('name')} may run as root", container)


def _no_privileges(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.workloads:
        for key in ("hostNetwork", "hostPID", "hostIPC"):
            if one.pod.get(key) is True:
                yield one.at(f"{key} is true", one.pod, key)
        for volume in listed(one.pod.get("volumes")):
            if "hostPath" in mapping(volume):
                yield one.at("a volume is a path of the node", volume, "hostPath")
        for container in one.containers():
            own = mapping(container.get("securityContext"))
            for key in ("privileged", "allowPrivilegeEscalation"):
                if own.get(key) is True:
                    yield one.at(f"container {container.get('name')}: {key} is true", own, key)
            added = {
                str(name).upper() for name in listed(mapping(own.get("capabilities")).get("add"))
            }
            for power in sorted(_POWERS & added):
                text = f"container {container.get('name')} has the capability {power}"
                yield one.at(text, own, "capabilities")


def _read_only(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.workloads:
        for container in one.containers():
            if mapping(container.get("securityContext")).get("readOnlyRootFilesystem") is not True:
                text = f"container {container.get('name')} can write to its own file system"
                yield one.at(text, container)


def _images(manifests: Manifests, *, digest: bool) -> Iterator[Problem]:
    for one in manifests.workloads:
        for container in one.containers():
            text = str(container.get("image") or "")
            name = image_name(text)
            if digest and not name.digest:
                yield one.at(
                    f"image {text or 'of no name'} is not named by digest", container, "image"
                )
            elif not digest and not name.is_pinned:
                yield one.at(
                    f"image {text or 'of no name'} has no tag that pins it", container, "image"
                )


def _pinned_image(manifests: Manifests) -> Iterator[Problem]:
    return _images(manifests, digest=False)


def _pinned_digest(manifests: Manifests) -> Iterator[Problem]:
    return _images(manifests, digest=True)


def _replicas(manifests: Manifests) -> Iterator[Problem]:
    scaled = {target for target, _ in _scaled(manifests)}
    for one in manifests.of("Deployment", "StatefulSet"):
        spec = mapping(one.body.get("spec"))
        count = spec.get("replicas", 1)
        identity = (one.namespace, one.kind, one.name)
        if identity not in scaled and not (isinstance(count, int) and count >= 2):
            yield one.at(f"has {count} replica, so every restart is an outage", spec, "replicas")


def _autoscaling(manifests: Manifests) -> Iterator[Problem]:
    scaled = dict(_scaled(manifests))
    for one in manifests.of("Deployment"):
        if (one.namespace, one.kind, one.name) not in scaled:
            yield one.at("no HorizontalPodAutoscaler is for it")
    for one in scaled.values():
        spec = mapping(one.body.get("spec"))
        low, high = spec.get("minReplicas", 1), spec.get("maxReplicas")
        if not isinstance(high, int) or not isinstance(low, int) or high <= low:
            yield one.at(f"scales from {low} to {high}", spec, "maxReplicas")


def _scaled(manifests: Manifests) -> Iterator[tuple[tuple[str, str, str], Manifest]]:
    for one in manifests.of("HorizontalPodAutoscaler"):
        target = mapping(mapping(one.body.get("spec")).get("scaleTargetRef"))
        yield (one.namespace, str(target.get("kind")), str(target.get("name"))), one


def _selected(manifests: Manifests, kind: str, key: str, one: Manifest) -> bool:
    for other in manifests.of(kind):
        selector = mapping(mapping(other.body.get("spec")).get(key))
        if other.namespace == one.namespace and selects(selector, one.labels):
            return True
    return False


def _disruption_budget(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.of("Deployment", "StatefulSet"):
        if not _selected(manifests, "PodDisruptionBudget", "selector", one):
            yield one.at("no PodDisruptionBudget selects its pods")


def _network_policy(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.workloads:
        if not _selected(manifests, "NetworkPolicy", "podSelector", one):
            yield one.at("no NetworkPolicy selects its pods")


def _no_plain_secrets(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.of("Secret"):
        for key in ("data", "stringData"):
            if mapping(one.body.get(key)):
                yield one.at(f"its values stand in {key}", one.body, key)
    for one in manifests.workloads:
        for container in one.containers():
            for entry in listed(container.get("env")):
                name = str(mapping(entry).get("name")).upper()
                secret = name.endswith(("PASSWORD", "SECRET", "TOKEN", "API_KEY", "SECRET_KEY"))
                if secret and mapping(entry).get("value"):
                    yield one.at(f"the value of {name[:60]} stands in it", entry, "value")


RULES: Mapping[Rule, Callable[[Manifests], Iterator[Problem]]] = {
    "readiness-probe": _readiness_probe,
    "liveness-probe": _liveness_probe,
    "memory-limit": _memory_limit,
    "cpu-request": _cpu_request,
    "non-root": _non_root,
    "no-privileges": _no_privileges,
    "read-only": _read_only,
    "pinned-image": _pinned_image,
    "pinned-digest": _pinned_digest,
    "replicas": _replicas,
    "autoscaling": _autoscaling,
    "disruption-budget": _disruption_budget,
    "network-policy": _network_policy,
    "no-plain-secrets": _no_plain_secrets,
}
"""Every rule by its name."""

_SCALABLE = frozenset({"Deployment", "StatefulSet"})
KINDS: Mapping[Rule, frozenset[str]] = {
    **dict.fromkeys(RULES, WORKLOADS),
    "readiness-probe": SERVING,
    "liveness-probe": SERVING,
    "replicas": _SCALABLE,
    "autoscaling": frozenset({"Deployment"}),
    "disruption-budget": _SCALABLE,
    "no-plain-secrets": WORKLOADS | {"Secret"},
}
"""Kinds of which a rule needs one, or it asserts nothing."""
