"""`kubernetes-manifest`: what plain Kubernetes manifests ask of the cluster.

Files as they are applied, with the pods of Kubernetes's own workloads. Templates of Helm and
overlays of Kustomize are rendered first, and the result is named. A `List` counts as its entries.
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.checks.chosen_files import in_scope, untouched
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.options.scope import SCOPE, Scope, needs_of_scope
from readiness_gate.checks.project_files import (
    Problem,
    Unclear,
    chosen,
    counted,
    documents_of,
    judged,
    listed,
    mapping,
)
from readiness_gate.checks.repository.kubernetes_objects import Manifest, Manifests
from readiness_gate.checks.repository.kubernetes_rules import KINDS, OF_ALL_OBJECTS, RULES, Rule
from readiness_gate.config.values import OneOrMany, Text
from readiness_gate.doors.project_yaml import PlacedDocument
from readiness_gate.doors.workspace import Workspace
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell


class KubernetesManifestOptions(CheckOptions):
    """The files, the objects that have to be there, and the rules for all of them."""

    path: OneOrMany = Field(
        min_length=1, description="Paths or patterns of manifests: k8s/**/*.yaml."
    )
    kinds: dict[Text, Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict,
        description="How many objects of a kind there are, at least: {Deployment: 2}.",
    )
    names: OneOrMany = Field(
        default=(), description="Objects that have to be there: Deployment/api."
    )
    rules: tuple[Rule, ...] = Field(
        default=(),
        description="`readiness-probe`, `liveness-probe`: every container that stays; "
        "`memory-limit`, `cpu-request`: every container; `non-root`; `no-privileges`; "
        "`read-only`; `pinned-image`: a tag other than latest, or a digest; `pinned-digest`; "
        "`replicas`: two or more, or an autoscaler; `autoscaling`: a HorizontalPodAutoscaler for "
        "every Deployment; `disruption-budget`; `network-policy`: one selects every pod; "
        "`no-plain-secrets`: no values of secrets.",
    )
    scope: Scope = Field(default="tree", description=SCOPE)

    @model_validator(mode="after")
    def _asserts_something(self) -> Self:
        if not (self.kinds or self.names or self.rules):
            raise ValueError("assert something: kinds, names or rules")
        if any(name.count("/") != 1 for name in self.names):
            raise ValueError("a name is written with its kind: Deployment/api")
        if len(set(self.rules)) != len(self.rules):
            raise ValueError("a rule is named twice")
        whole = [*self.kinds, *self.names, *(one for one in self.rules if one in OF_ALL_OBJECTS)]
        if self.scope == "diff" and whole:
            raise ValueError(f"{whole[0]} is told by all objects together: `scope: tree`")
        return self


def run(context: CheckContext, options: KubernetesManifestOptions) -> CheckResult:
    """Read every object, then look for what has to be there and hold the rules against all."""
    problems: list[Problem] = []
    try:
        every = chosen(context.workspace, options.path)
        names = in_scope(context, every, options.scope)
        if not names:
            return untouched(every)
        found = [one for name in names for one in _objects(context.workspace, name, problems)]
    except Unclear as unclear:
        return unclear.result
    manifests = Manifests(tuple(found))
    problems += _missing(manifests, options)
    if not found and not problems:
        text = f"{counted(len(names), 'file')} and no object in them"
        return cannot_tell(ErrorClass.CONFIGURATION, text)
    problems += _hollow(manifests) if options.rules else []
    idle = [rule for rule in options.rules if not any(manifests.of(*KINDS[rule]))]
    if idle and not problems and options.scope == "tree":
        text = f"{idle[0]} asserts nothing: there is no {', '.join(sorted(KINDS[idle[0]]))}"
        return cannot_tell(ErrorClass.CONFIGURATION, text)
    for rule in options.rules:
        problems += RULES[rule](manifests)
    return judged(problems, f"all that is asserted of {counted(len(found), 'object')} holds")


def _objects(workspace: Workspace, name: str, problems: list[Problem]) -> Iterator[Manifest]:
    for document in documents_of(workspace, name):
        if document.data is not None:
            yield from _object(name, document, document.data, problems)


def _object(
    name: str, document: PlacedDocument, data: object, problems: list[Problem]
) -> Iterator[Manifest]:
    body = mapping(data)
    if body.get("kind") == "List":
        for one in listed(body.get("items")):
            yield from _object(name, document, one, problems)
        return
    metadata = mapping(body.get("metadata"))
    named = metadata.get("name") or metadata.get("generateName")
    lacking = [key for key in ("apiVersion", "kind") if not body.get(key)]
    lacking += [] if named else ["metadata.name"]
    if lacking:
        problems.append(Problem(f"no object: without {', '.join(lacking)}", name, document.line))
        return
    yield Manifest(name, document, body)


def _missing(manifests: Manifests, options: KubernetesManifestOptions) -> Iterator[Problem]:
    for kind, wanted in options.kinds.items():
        there = sum(1 for _ in manifests.of(kind))
        if there < wanted:
            yield Problem(f"there are {there} objects of kind {kind}, at least {wanted} required")
    known = {f"{one.kind}/{one.name}" for one in manifests.all}
    for name in options.names:
        if name not in known:
            yield Problem(f"there is no {name}")


def _hollow(manifests: Manifests) -> Iterator[Problem]:
    for one in manifests.workloads:
        if not any(True for _ in one.containers(serving=True)):
            yield one.at("has no containers")


CHECK = Check(
    id="kubernetes-manifest",
    title="Kubernetes manifests are fit for production",
    family=Family.REPOSITORY,
    check_class=CheckClass.READ,
    needs=frozenset({Need.WORKSPACE}),
    options=KubernetesManifestOptions,
    work=run,
    refine_needs=needs_of_scope,
    remediation="Change the manifests at the lines named, or add the missing objects.",
    example={
        "path": "k8s/**/*.yaml",
        "kinds": {"HorizontalPodAutoscaler": 1},
        "rules": ["readiness-probe", "memory-limit", "non-root", "autoscaling"],
    },
)
