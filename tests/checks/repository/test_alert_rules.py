import time
from pathlib import Path

import pytest

from readiness_gate.checks.repository.alert_rules import CHECK
from readiness_gate.formats.alertmanager import Matcher
from readiness_gate.formats.prometheus_rules import is_balanced, names_in
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

RULES = """\
groups:
  - name: backend
    interval: 30s
    rules:
      - alert: BackendDown
        expr: up{job="back)end"} == 0
        for: 5m
        labels: {severity: critical, team: core}
        annotations: {summary: "{{ $labels.instance }} is down", runbook_url: docs/run.md}
      - record: job:errors:rate5m
        expr: sum(rate(errors_total[5m])) by (job)
      - alert: HighErrorRate
        expr: |
          # how many (of all
          job:errors:rate5m > 0.05
        for: 1h30m
        labels: {severity: warning}
        annotations: {summary: many, runbook_url: docs/run.md}
"""
ROUTES = """\
route:
  receiver: nobody
  routes:
    - matchers: ['severity="critical"', 'team=~"core|web"']
      receiver: pager
    - match_re: {severity: warn.*}
      receiver: chat
      continue: true
    - matchers: ['{severity!="info",team!~"x"}']
      routes: [{receiver: chat, match: {severity: warning}}]
receivers:
  - name: nobody
  - name: pager
    pagerduty_configs: [{service_key_file: /run/secrets/key}]
  - name: chat
    slack_configs: [{channel: "#ops"}]
"""


def run(tree: Path, text: str = "", rules: str = RULES, routes: str = ROUTES) -> CheckResult:
    (tree / "alerts.yml").write_text(rules)
    (tree / "alertmanager.yml").write_text(routes)
    return CHECK.run(context(workspace=tree), options(CHECK, f"{{path: '*s.yml', {text}}}"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alerts: [BackendDown, HighErrorRate], min-alerts: 2, waits: true",
        "labels: severity, annotations: [summary, runbook_url]",
        "metrics: [up, 'job:errors:rate5m']",
        "alertmanager: alertmanager.yml, receivers: [pager, chat], routed: true",
    ],
)
def test_sound_rules_pass(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "2 alerts in 1 file: all that is asserted holds",
    )


def test_rules_of_the_operator_are_read(tmp_path: Path) -> None:
    inner = "".join(f"  {line}\n" for line in RULES.splitlines())
    rules = f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n{inner}"
    assert run(tmp_path, "alerts: BackendDown", rules).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("alerts: Gone", "alerts.yml: there is no alert Gone"),
        ("min-alerts: 3", "alerts.yml: 2 alerts, at least 3 required"),
        ("metrics: errors_total", "alerts.yml: no alert asks for errors_total"),
        ("labels: team", "alerts.yml:12: alert HighErrorRate has no label team"),
        ("annotations: dashboard", "alerts.yml:5: alert BackendDown has no annotation dashboard"),
        ("alertmanager: alertmanager.yml, receivers: nobody", "receiver nobody tells nobody"),
        ("alertmanager: alertmanager.yml, receivers: gone", "there is no receiver gone"),
        ("alertmanager: gone.yml", "no file at gone.yml"),
    ],
)
def test_what_is_asserted_and_is_not_so_fails(tmp_path: Path, text: str, cause: str) -> None:
    result = run(tmp_path, text)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary


@pytest.mark.parametrize(
    ("gone", "put", "cause"),
    [
        ("for: 5m", "for: 5 minutes", "7: for: '5 minutes' is no duration"),
        ("expr: up", "exp: up", "6: BackendDown has the unknown key exp"),
        ("== 0", "== (0", "6: BackendDown: brackets or quotes of expr do not match"),
        ("alert: BackendDown", "name: BackendDown", "5: a rule is either an alert or a record"),
        ("team: core", "team-name: core", "8: BackendDown: 'team-name' is no name of a label"),
        ("instance }}", "instance }", "9: BackendDown: braces of summary do not match"),
        ("job:errors:rate5m\n", "job errors\n", "10: 'job errors' is no name of a metric"),
        ("name: backend", "title: backend", "2: a group has no name"),
        ("interval: 30s", "every: 30s", "3: group backend has the unknown key every"),
        ("groups:", "group:", "1: a rule file has the unknown key group"),
        ("    rules:\n", "    rule:\n", "4: group backend has the unknown key rule"),
    ],
)
def test_what_prometheus_would_refuse_fails(
    tmp_path: Path, gone: str, put: str, cause: str
) -> None:
    assert gone in RULES
    result = run(tmp_path, "", RULES.replace(gone, put, 1))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"alerts.yml:{cause}")
    assert result.evidence


def test_an_alert_without_for_fails_where_all_have_to_wait(tmp_path: Path) -> None:
    result = run(tmp_path, "waits: true", RULES.replace("        for: 5m\n", ""))
    assert result.summary == "alerts.yml:5: alert BackendDown has no `for`"


@pytest.mark.parametrize(
    ("gone", "put", "cause"),
    [
        ("receiver: pager", "receiver: page", "alertmanager.yml:5: there is no receiver page"),
        ("name: chat", "name: pager", "receiver pager is here twice"),
        ("receiver: nobody\n  routes", "routes", "the top route has no receiver"),
        ("core|web", "(core", "is no RE2 expression"),
        ("'severity=\"critical\"'", "'severity'", "is no matcher"),
        ("route:\n", "routing:\n", "there is no route"),
        ("'severity=\"critical\"'", "'severity=\"page\"'", "alerts.yml:5: alert BackendDown goes"),
        ("receiver: pager", "receiver: nobody", "alerts.yml:5: alert BackendDown goes to nobody"),
    ],
)
def test_alerts_that_reach_nobody_fail(tmp_path: Path, gone: str, put: str, cause: str) -> None:
    assert gone in ROUTES
    routes = ROUTES.replace(gone, put, 1).replace('{severity!="info"', '{severity="x"')
    result = run(tmp_path, "alertmanager: alertmanager.yml, routed: true", RULES, routes)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary + result.details


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ("", Outcome.FAILED),
        ("[]", Outcome.FAILED),
        ("groups: []", Outcome.FAILED),
        ("groups: [a]", Outcome.FAILED),
        ("groups: [{name: a, rules: [b]}]", Outcome.FAILED),
        ("groups: [{name: a, rules: [{alert: b, expr: c, labels: [d]}]}]", Outcome.FAILED),
        ("groups: [{name: a, rules: [{record: b, expr: c}]}]", Outcome.FAILED),
        ("a: [", Outcome.FAILED),
        ("{{ template }}\n- b: }", Outcome.ERROR),
        ("[" * 1_000, Outcome.ERROR),
        ("#" * 1_100_000, Outcome.ERROR),
    ],
)
def test_broken_and_hostile_files_never_pass(tmp_path: Path, rules: str, outcome: Outcome) -> None:
    assert run(tmp_path, "", rules).outcome is outcome


def test_broken_routes_never_pass(tmp_path: Path) -> None:
    deep = "route: {receiver: a, routes: [" * 1 + "{routes: [" * 25 + "]}" * 26
    for routes in ("", "[]", "a: b", "route: []\nreceivers: [a]", deep, "receivers: {a: b}"):
        result = run(tmp_path, "alertmanager: alertmanager.yml", RULES, routes)
        assert result.outcome is Outcome.FAILED, routes


def test_paths_out_of_the_checkout_cannot_be_told(tmp_path: Path) -> None:
    result = run(tmp_path, "alertmanager: ../a.yml")
    assert result.error_class is ErrorClass.CONFIGURATION


def test_expressions_are_looked_at_outside_their_texts() -> None:
    assert is_balanced("a{b=\"(\", c='[', d=`{`}")
    assert not is_balanced('a{b="c}')
    assert not is_balanced("(a]")
    assert set(names_in('sum by (le) (up{job="down"}) # gone')) == {"sum", "up"}


def test_texts_that_never_end_are_looked_at_once() -> None:
    started = time.process_time()
    assert not is_balanced('"' + '\\"' * 400_000)
    assert not is_balanced("`" * 400_001)
    assert time.process_time() - started < 2


def test_an_absent_label_is_empty() -> None:
    assert Matcher("a", "!=", "b").holds({})
    assert Matcher("a", "=~", "b?").holds({})
    assert not Matcher("a", "!~", ".*").holds({"a": "b"})


@pytest.mark.parametrize(
    "text",
    ["{}", "{path: a, min-alerts: 0}", "{path: a, routed: true}", "{path: a, receivers: b}"],
)
def test_options_that_cannot_hold_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
