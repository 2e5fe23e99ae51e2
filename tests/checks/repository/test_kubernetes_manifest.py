from pathlib import Path

import pytest

from readiness_gate.checks.repository.kubernetes_manifest import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

GOOD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api, tier: web}}
    spec:
      securityContext: {runAsNonRoot: true}
      initContainers:
        - name: wait
          image: wait:1@sha256:0
          securityContext: {readOnlyRootFilesystem: true}
          resources: {limits: {memory: 1Mi}, requests: {cpu: 1m}}
      containers:
        - name: api
          image: registry:5000/api:2@sha256:1
          securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false}
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          livenessProbe: {httpGet: {path: /live, port: 8000}}
          resources: {limits: {memory: 1Gi}, requests: {cpu: 100m}}
          env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: p}}}]
---
apiVersion: v1
kind: List
items:
  - apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: api}
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}
      minReplicas: 2
      maxReplicas: 9
  - apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: api}
    spec: {minAvailable: 1, selector: {matchLabels: {app: api}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all}
spec:
  podSelector: {matchExpressions: [{key: tier, operator: In, values: [web]}]}
"""
ALL = (
    "rules: [readiness-probe, liveness-probe, memory-limit, cpu-request, non-root, no-privileges,"
    " read-only, pinned-image, pinned-digest, replicas, autoscaling, disruption-budget, "
    "network-policy, no-plain-secrets]"
)


def run(tree: Path, text: str, content: str = GOOD, name: str = "k8s/api.yaml") -> CheckResult:
    (tree / name).parent.mkdir(exist_ok=True)
    (tree / name).write_text(content)
    return CHECK.run(context(workspace=tree), options(CHECK, f"{{path: 'k8s/*.yaml', {text}}}"))


@pytest.mark.parametrize(
    "text",
    [ALL, "kinds: {Deployment: 1, HorizontalPodAutoscaler: 1}", "names: [NetworkPolicy/all]"],
)
def test_sound_manifests_pass(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text)
    assert result.outcome is Outcome.PASSED, result.details
    assert result.summary == "all that is asserted of 4 objects holds"


@pytest.mark.parametrize(
    ("rule", "gone", "put", "cause"),
    [
        ("readiness-probe", "readinessProbe", "x", "17: Deployment api: container api has no rea"),
        ("liveness-probe", "livenessProbe", "x", "17: Deployment api: container api has no live"),
        ("memory-limit", "memory: 1Mi", "cpu: 1", "12: Deployment api: container wait has no res"),
        ("cpu-request", "cpu: 100m", "memory: 1", "17: Deployment api: container api has no reso"),
        ("non-root", "runAsNonRoot: true", "runAsUser: 0", "17: Deployment api: container api"),
        ("no-privileges", "Escalation: false", "Escalation: true", "19: Deployment api: contai"),
        ("no-privileges", "runAsNonRoot: true}", "a: b}\n      hostPID: true", "11: Deployment"),
        ("read-only", "{readOnlyRootFilesystem: true}", "{}", "12: Deployment api: container w"),
        ("pinned-image", "api:2@sha256:1", "api", "18: Deployment api: image registry:5000/api"),
        ("pinned-digest", "@sha256:1", "", "18: Deployment api: image registry:5000/api:2 is"),
        ("replicas", "name: api}\n    spec:\n      scale", "name: b}\n    spec:\n      scal", ""),
        ("autoscaling", "kind: Deployment, name: api", "kind: Deployment, name: b", "1: Deploy"),
        ("autoscaling", "maxReplicas: 9", "maxReplicas: 2", "34: HorizontalPodAutoscaler api: sc"),
        ("disruption-budget", "{matchLabels: {app: api}}}", "{matchLabels: {app: b}}}", "1: Depl"),
        ("network-policy", "operator: In", "operator: NotIn", "1: Deployment api: no NetworkPol"),
        ("network-policy", "{name: all}", "{name: all, namespace: b}", "1: Deployment api: no N"),
        ("no-plain-secrets", "valueFrom: {secretKeyRef: {name: db, key: p}}", "value: a", "23: De"),
    ],
)
def test_a_rule_that_does_not_hold_is_placed(
    tmp_path: Path, rule: str, gone: str, put: str, cause: str
) -> None:
    assert gone in GOOD
    content = GOOD.replace(gone, put)
    if rule == "replicas":
        content = content.replace("replicas: 3", "replicas: 1").replace("name: api\n", "name: b\n")
        content = content.replace("kind: Deployment, name: api", "kind: Deployment, name: b")
        cause = "5: Deployment api: has 1 replica"
    result = run(tmp_path, f"rules: [{rule}]", content)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"k8s/api.yaml:{cause}")
    assert result.evidence


def test_a_plain_secret_fails(tmp_path: Path) -> None:
    content = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  a: b\n"
    result = run(tmp_path, "rules: [no-plain-secrets]", content)
    assert result.summary == "k8s/api.yaml:4: Secret db: its values stand in stringData"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("kinds: {Deployment: 2}", "there are 1 objects of kind Deployment, at least 2 required"),
        ("names: [Deployment/web]", "there is no Deployment/web"),
    ],
)
def test_missing_objects_fail(tmp_path: Path, text: str, cause: str) -> None:
    assert run(tmp_path, text).summary == cause


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("kind: Pod\n", "k8s/api.yaml:1: no object: without apiVersion, metadata.name"),
        ("- a\n", "no object: without apiVersion, kind, metadata.name"),
        ("a: [", "not YAML"),
        ("a: 1\na: 2", "is here twice"),
        ("apiVersion: v1\nkind: List\nitems: [a]", "no object"),
    ],
)
def test_what_is_no_manifest_fails(tmp_path: Path, content: str, cause: str) -> None:
    result = run(tmp_path, "rules: [non-root]", content)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "no object in them"),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
            "non-root asserts nothing: there is no CronJob",
        ),
        ("a: {{ .Values.a }}\nb: }}", "looks like a template"),
        ("[" * 5_000, "nested deeper"),
    ],
)
def test_what_proves_nothing_cannot_be_told(tmp_path: Path, content: str, cause: str) -> None:
    result = run(tmp_path, "rules: [non-root]", content)
    assert result.outcome is Outcome.ERROR
    assert cause in result.summary


@pytest.mark.parametrize("rule", ["readiness-probe", "replicas", "autoscaling"])
def test_a_rule_that_is_about_nothing_there_cannot_be_told(tmp_path: Path, rule: str) -> None:
    job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n"
    job += "spec: {template: {spec: {containers: [{name: a, image: 'a:1'}]}}}\n"
    result = run(tmp_path, f"rules: [{rule}]", job)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    hollow = job.replace("[{name: a, image: 'a:1'}]", "[]")
    assert "has no containers" in run(tmp_path, "rules: [memory-limit]", hollow).summary


def test_shapes_that_nobody_expects_are_no_crash(tmp_path: Path) -> None:
    for value in ("1", "[]", "a", "{template: [], jobTemplate: 3}", "{template: {spec: []}}"):
        content = f"apiVersion: v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {value}\n"
        assert run(tmp_path, ALL, content).outcome is Outcome.FAILED


def test_missing_files_and_links_out(tmp_path: Path) -> None:
    chosen = options(CHECK, "{path: k8s/*.yaml, kinds: {Pod: 1}}")
    assert CHECK.run(context(workspace=tmp_path), chosen).summary == "no file at k8s/*.yaml"
    out = options(CHECK, "{path: ../a.yaml, kinds: {Pod: 1}}")
    result = CHECK.run(context(workspace=tmp_path), out)
    assert result.error_class is ErrorClass.CONFIGURATION


@pytest.mark.parametrize(
    "text",
    [
        "path: a",
        "kinds: {Pod: 1}",
        "{path: a, kinds: {Pod: 0}}",
        "{path: a, names: [api]}",
        "{path: a, rules: [gone]}",
        "{path: a, rules: [non-root, non-root]}",
    ],
)
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
