# ruff: noqa: RUF001 - words of other languages
"""Numbers with units, and what somebody has counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checklist.quantities import stated, statistics, thresholds


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("response times < 200ms (p95)", [("<", 200, "ms")]),
        ("coverage >80%", [(">", 80, "%")]),
        ("99.9%+ uptime", [(">=", 99.9, "%")]),
        ("secret (min 32 chars)", [(">=", 32, "chars")]),
        ("retention (30 days minimum)", [(">=", 30, "d")]),
        ("Rate limiting (20/day)", [("==", 20, "/day")]),
        ("budget: $20 limit", [("<=", 20, "USD")]),
        ("hosting: $5-20/month", [("==", 5, "USD/month")]),
        ("1000+ verifications/day", [(">=", 1000, "verifications/day")]),
        ("2,000 requests/second for 10 min", [("==", 2000, "requests/second"), ("==", 10, "m")]),
        ("RTO: < 30 min", [("<", 30, "m")]),
        ("no more than 5 retries", [("<=", 5, "retries")]),
        ("up to 40-60 GB", [("<=", 40, "GB")]),
        ("Python 3.9 or higher", [(">=", 3.9, "")]),
        ("TLS 1.2+ enforced", [(">=", 1.2, "")]),
        ("capacity >= 100", [(">=", 100, "")]),
        ("answers 200 OK", [("==", 200, "status")]),
        ("не более 200 мс", [("<=", 200, "ms")]),
        ("не менее 1000 пользователей", [(">=", 1000, "пользователей")]),
        ("≥ 3 replicas", [(">=", 3, "replicas")]),
        ("within 5 minutes", [("<=", 5, "m")]),
        ("image < 1.5GiB", [("<", 1.5, "GiB")]),
    ],
)
def test_a_number_with_a_unit_is_a_threshold(
    text: str, found: list[tuple[str, float, str]]
) -> None:
    assert [(one.relation, one.value, one.unit) for one in thresholds(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "PR #14 merged",
        "OAuth 2.0",
        "OWASP Top 10",
        "2FA enabled",
        "Phase 1",
        "S3 bucket, EC2 and Route 53",
        "chmod 755 data/",
        "Handle on t3.micro",
        "Fail2ban installed",
        "Version 1.2.3",
        "2025-12-29",
        "E2E tests",
        "no numbers",
    ],
)
def test_a_number_that_names_something_is_none(text: str) -> None:
    assert thresholds(text) == ()


def test_percentiles_go_with_durations_and_ranges_have_two_ends() -> None:
    assert [one.percentile for one in thresholds("< 2sec, 95th percentile, and >80%")] == [
        "p95",
        None,
    ]
    (found,) = thresholds("$5-20/month")
    assert (found.value, found.until, found.text) == (5, 20, "$5-20/month")


def test_what_was_counted_is_a_statistic() -> None:
    found = statistics(
        "88 tables, 99 FK constraints, 84+ orphaned records", line=3, section=(), item="a"
    )
    assert [(one.label, one.value, one.relation, one.item) for one in found] == [
        ("tables", 88, "==", "a"),
        ("fk constraints", 99, "==", "a"),
        ("orphaned records", 84, ">=", "a"),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Всего таблиц: 88", ("Всего таблиц", 88, "==", "")),
        ("SET NULL политики: ~90", ("SET NULL политики", 90, "~", "")),
        ("Orphaned записей: 0 ✅", ("Orphaned записей", 0, "==", "")),
        ("Coverage: 81.5%", ("Coverage", 81.5, "==", "%")),
        ("Endpoints: 120+", ("Endpoints", 120, ">=", "")),
    ],
)
def test_a_line_of_a_label_and_a_figure_is_a_statistic(
    text: str, found: tuple[str, float, str, str]
) -> None:
    one = stated(text, line=1, section=())
    assert one is not None
    assert (one.label, one.value, one.relation, one.unit) == found


@pytest.mark.parametrize("text", ["Audience: everybody", "Step: 1 of the plan and more", "88"])
def test_other_lines_are_none(text: str) -> None:
    assert stated(text, line=1, section=()) is None


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert all(one.text.strip() for one in thresholds(text))
    statistics(text, line=1, section=(), item=None)
    stated(text, line=1, section=())
