"""Words that stand in none of the five checklists, and what they are bound to."""

import re
from pathlib import Path

import pytest

from readiness_gate.adopt.rules import THRESHOLD, fit, known_rules, read_rules
from tests.adopt.builders import facts_of, proposed
from tests.contracts.test_catalogue import ORDER

PHRASES = {
    # English
    "Merge PR #12 (docs) first": "pull-request-merged",
    "#7 is merged": "pull-request-merged",
    "Two approvals from maintainers": "review-approval",
    "The main branch is a protected branch": "branch-protection",
    "No open critical vulnerabilities": "code-alerts",
    "Unit tests are green": "junit-report",
    "All integration tests pass": "junit-report",
    "Line coverage stays above 85%": "coverage-report",
    "mypy reports no errors": "lint-report",
    "Ruff finds nothing": "lint-report",
    "No secrets in the repository": "secret-scan",
    "No secrets are committed to the repository": "secret-scan",
    "Every revision can be downgraded": "migrations-reversible",
    "Every foreign key has an index": "foreign-key-index",
    "Login attempts are limited to 5 per minute": "rate-limit",
    "Changelog has an entry": "changelog",
    "README is up to date": "doc-freshness",
    "Rollback tested on staging": "rollback-drill",
    "Service shuts down gracefully": "graceful-shutdown",
    "Containers run as non-root user": "dockerfile-lint",
    "CPU and memory limits set": "compose-model",
    "HPA configured for the API": "kubernetes-manifest",
    "Throttling protects the login": "rate-limit",
    "HSTS and CSP headers are sent": "security-headers",
    "Certificate is valid for 30 days": "tls",
    "Only our domains pass CORS": "cors",
    "/healthz answers 200": "http",
    "p95 latency below 300 ms": "load",
    "Swagger documents every route": "openapi",
    "Migrations can be rolled back": "migrations-reversible",
    "Single Alembic head": "migrations-heads",
    "alembic check finds no schema drift": "migrations-drift",
    "No orphans in the database": "orphaned-rows",
    "Foreign keys have an explicit ON DELETE": "foreign-key-policy",
    "No N+1 on the order list": "query-plan",
    "Restore from backup tested": "backup-restore",
    "Daily backups run": "backup-recency",
    "Passwords are not written to logs": "log-assert",
    "JSON logs everywhere": "log-assert",
    "PagerDuty receives every alert": "alert-rules",
    "Grafana dashboard exists": "dashboard-file",
    "Data survives a restart of the volume": "volume-persistence",
    "Default passwords changed": "default-credentials",
    "The penetration test is done": "attestation",
    "SOC 2 report available": "attestation",
    "Support staff is trained": "attestation",
    "Cake is ordered": "attestation",
    # Russian
    "Нет висячих записей": "orphaned-rows",
    "Внешние ключи проверяются": "foreign-key-enforcement",
    "Миграции выполнены на стенде": "migrations-applied",
    "Откат проверен": "rollback-drill",
    "Резервные копии создаются ежедневно": "backup-recency",
    "Ограничение частоты запросов включено": "rate-limit",
    "Покрытие кода не ниже 80 %": "coverage-report",
    "Структурированные логи": "log-assert",
    "Секретов в коде нет, секреты не в репозитории": "secret-scan",
    "Сертификат действителен": "tls",
    "Метрики доступны": "metrics",
    "Команда обучена": "attestation",
}  # fmt: skip


@pytest.mark.parametrize("line", list(PHRASES))
def test_words_lead_to_their_check(line: str, tmp_path: Path) -> None:
    found = fit(known_rules(), line, ("Checks",))
    assert (found.rule.check if found else "attestation") == PHRASES[line]


@pytest.mark.parametrize(
    ("line", "check"),
    [
        ("PR #9 muss gemergt sein: merged", "pull-request-merged"),
        ("Cobertura de código 80 % (coverage)", "coverage-report"),
        ("`alembic upgrade head` ist gelaufen", "migrations-applied"),
        ("Die Kundschaft ist zufrieden", "attestation"),
        ("全员已培训", "attestation"),
    ],
)
def test_other_languages_are_bound_by_names_commands_and_numbers_alone(
    line: str, check: str, tmp_path: Path
) -> None:
    assert proposed(line, facts_of(tmp_path)).check == check


def test_rules_are_about_checks_of_the_catalogue() -> None:
    assert {rule.check for rule in known_rules()} <= set(ORDER)


def test_rules_are_sure_enough_to_bind_and_never_certain() -> None:
    assert all(THRESHOLD <= rule.sure < 1 for rule in known_rules())


def test_no_rule_fits_everything() -> None:
    assert not [rule.words.pattern for rule in known_rules() if rule.words.search("")]


def test_below_the_threshold_an_item_is_left_to_people(tmp_path: Path) -> None:
    (rule,) = read_rules("- {check: http, sure: 0.4, words: reachable}", name="rules.yml")
    found = fit([rule], "It is reachable", ())
    assert found is not None
    assert found.rule.sure < THRESHOLD


def test_a_rule_needs_its_section_and_stays_away_from_what_it_excludes() -> None:
    text = "- {check: http, sure: 0.6, words: up, section: api, unless: backup}"
    (rule,) = read_rules(text, name="rules.yml")
    assert rule.found("it is up", "api", "")
    assert not rule.found("it is up", "web", "")
    assert not rule.found("backup is up", "api", "")


def test_a_misspelt_key_of_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown key 'wrods'"):
        read_rules("- {check: http, sure: 0.6, words: a, wrods: b}", name="rules.yml")


def test_a_long_line_costs_what_its_beginning_costs() -> None:
    assert fit(known_rules(), "x" * 1_000_000 + " cors", ()) is None


def test_words_that_decide_are_shown(tmp_path: Path) -> None:
    one = proposed("CORS is restricted to our pages", facts_of(tmp_path))
    assert one.words == "cors"
    assert one.reason == '"cors": Only the declared origins read answers'
    assert re.fullmatch(r"0\.\d+", str(one.confidence))
