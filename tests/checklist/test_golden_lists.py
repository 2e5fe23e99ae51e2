"""The lines of the five documents: counted by reading them, and ids that must never change."""

from collections import Counter
from typing import Any

import pytest

from readiness_gate.checklist.ids import distinct, item_id
from readiness_gate.checklist.markdown import read_document
from tests import checklist_table
from tests.checklist.golden_lists import NAMES, golden, rebuilt, rows

LISTS = {name: golden(name) for name in NAMES}
each_list = pytest.mark.parametrize("name", NAMES)


def counted(name: str, key: str) -> dict[Any, int]:
    return dict(Counter(row[key] for row in LISTS[name] if key in row))


def under(name: str, key: str) -> int:
    return sum(len(row.get(key, [])) for row in LISTS[name])


BY_READING: dict[str, dict[str, Any]] = {
    "000": {
        "items": 28,
        "ticked": {True: 28},
        "form": {"icon": 28},
        "repeated": 4,
    },
    "001": {
        "items": 25,
        "ticked": {True: 3},
        "form": {"list": 25},
        "severity": {"critical": 6, "high": 7, "medium": 6, "low": 6},
    },
    "002": {
        "items": 190,
        "ticked": {True: 22},
        "form": {"list": 190},
        "phase": {"mvp": 8, "phase-1": 76, "phase-2": 45, "phase-3": 3},
        "stage": {"pre-deploy": 8, "post-deploy": 7, "scheduled": 15},
        "condition": {"if applicable": 4},
        "repeated": 2,
    },
    "003": {
        "items": 286,
        "ticked": {True: 8},
        "form": {"list": 16, "plain": 262, "icon": 8},
        "stage": {"pre-deploy": 44, "post-deploy": 28},
        "cadence": {
            "before-deploy": 44,
            "day-1": 6,
            "week-1": 6,
            "month-1": 6,
            "after-deploy": 10,
        },
        "condition": {
            "if using react native": 1,
            "if using db": 1,
            "if using": 1,
            "if needed": 3,
            "if applicable": 3,
            "if issues found": 1,
            "optional": 7,
        },
        "repeated": 3,
    },
    "004": {
        "items": 80,
        "ticked": {True: 9},
        "form": {"list": 71, "icon": 9},
        "stage": {"pre-deploy": 55, "post-deploy": 16},
        "cadence": {
            "before-deploy": 55,
            "first-5-minutes": 6,
            "first-hour": 5,
            "first-24-hours": 5,
        },
        "condition": {"if applicable": 2},
        "repeated": 1,
    },
}


@each_list
def test_the_lines_are_counted_as_a_reader_counts_them(name: str) -> None:
    expected = dict(BY_READING[name])
    assert len(LISTS[name]) == expected.pop("items")
    assert under_same(name) == expected.pop("repeated", 0)
    for key in ("severity", "phase", "stage", "condition"):
        assert counted(name, key) == expected.pop(key, {}), key
    for key, figures in expected.items():
        assert counted(name, key) == figures, key


def under_same(name: str) -> int:
    return sum("same-as" in row for row in LISTS[name])


def test_what_stands_under_the_lines_is_counted_as_a_reader_counts_it() -> None:
    labels = Counter(label for row in LISTS["001"] for label in row["fields"])
    assert labels == {
        "Problem": 24,
        "Clinic Risk": 24,
        "Legal Risk": 1,
        "Fix": 24,
        "Verification": 3,
        "Status": 2,
        "Next": 1,
        "Note": 1,
        "Files to modify": 1,
    }
    assert [under(name, "options") for name in NAMES] == [0, 0, 9, 12, 0]
    # 11 stand under a box, 10 are what a box says, one is "Test with: …".
    assert under("003", "commands") == 22
    assert [number for row in LISTS["004"] for number in row.get("pull-requests", [])] == [
        14,
        17,
        16,
        10,
        15,
    ]


CATEGORIES: dict[str, list[tuple[str, int]]] = {
    "000": [
        ("FK Policy Hardening", 4), ("Database Reset", 3), ("Orphaned Records Cleanup", 3),
        ("Production Readiness Validation", 5), ("Проверка всех флоу", 7), ("Production Ready", 6),
    ],
    "001": [],
    "002": [
        ("Security", 19), ("Monitoring & Observability", 17), ("Performance", 12),
        ("Availability & Reliability", 15), ("Scaling", 12), ("Cost Management", 12),
        ("Compliance & Governance", 20), ("Operations", 16), ("Disaster Recovery", 12),
        ("Medical/Healthcare Specific (if applicable)", 4), ("Data Protection", 4),
        ("Audit & Compliance", 4), ("Production Deployment Checklist", 15), ("Deployment", 7),
        ("Monitoring Checklist", 15), ("Handoff Checklist", 6),
    ],
    "003": [
        ("System Requirements Check", 6), ("Dependency Installation", 5),
        ("Data Directory Setup", 5), ("Environment Configuration", 5),
        ("Component Verification", 4), ("API Server Testing", 7), ("Test Suite", 4),
        ("Build Verification", 5), ("Runtime Testing", 6), ("Docker Compose (Optional)", 5),
        ("AWS Deployment", 8), ("Application Deployment", 8), ("Kubernetes Deployment", 10),
        ("API Security", 7), ("Data Security", 9), ("Infrastructure Security", 9),
        ("Backend Optimization", 9), ("Caching Strategy", 5), ("Database Performance", 6),
        ("iOS", 12), ("Android", 12), ("Unit Tests", 6), ("Integration Tests", 6),
        ("Load Testing", 7), ("Security Testing", 8), ("Logging Setup", 8),
        ("Metrics & Monitoring", 6), ("Health Checks", 7), ("Backup & Recovery", 8),
        ("Update & Patching", 7), ("Documentation", 8), ("Final System Check", 9),
        ("Compliance Check", 7), ("Performance Validation", 7), ("Go/No-Go Checklist", 9),
        ("Post-Launch Activities", 18), ("On-Call Rotation", 5), ("Incident Management", 5),
        ("Success Criteria", 8),
    ],
    "004": [
        ("Code Quality", 5), ("Testing Coverage", 5), ("Security Hardening", 8),
        ("Infrastructure", 6), ("Database", 5), ("Observability", 5), ("Frontend", 6),
        ("Documentation", 5), ("Performance", 5), ("Compliance", 5),
        ("Post-Deployment Verification", 16), ("Deployment Checklist Summary", 9),
    ],
}  # fmt: skip


@each_list
def test_the_lines_stand_under_the_headings_that_a_reader_sees(name: str) -> None:
    assert list(counted(name, "category").items()) == CATEGORIES[name]
    assert all("section" in row for row in LISTS[name])


@each_list
def test_the_lines_are_read_again_out_of_a_file_that_holds_little_else(name: str) -> None:
    document = read_document(f"{name}.md", rebuilt(name).encode())
    kept = ("id", "text", "form", "ticked", "phase", "options", "pull-requests", "same-as")
    found = [{key: row[key] for key in kept if key in row} for row in rows(document)]
    assert found == [{key: row[key] for key in kept if key in row} for row in LISTS[name]]


@each_list
def test_the_ids_are_what_the_frozen_function_gives(name: str) -> None:
    wanted = [(item_id(row["text"]), False) for row in LISTS[name]]
    assert distinct(wanted) == [row["id"] for row in LISTS[name]]


@each_list
def test_another_order_changes_only_which_of_two_equal_lines_comes_first(name: str) -> None:
    texts = [row["text"] for row in LISTS[name]]
    turned = distinct([(item_id(text), False) for text in reversed(texts)])
    repeated = {text for text, count in Counter(map(item_id, texts)).items() if count > 1}
    for row, given in zip(LISTS[name], reversed(turned), strict=True):
        assert given == row["id"] or item_id(row["text"]) in repeated
    assert sorted(turned) == sorted(row["id"] for row in LISTS[name])


def test_the_bound_lines_of_the_page_are_among_them() -> None:
    lists = checklist_table.source()["lists"]
    assert [one["lines"] for one in lists] == [len(LISTS[name]) for name in NAMES]
    for one, name in zip(lists, NAMES, strict=True):
        assert set(one["items"]) <= {row["id"] for row in LISTS[name]}
