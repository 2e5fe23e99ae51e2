# ruff: noqa: RUF001 - letters that look alike are the point here
"""Ids are frozen: what this table says must never change."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checklist.ids import Vanished, distinct, item_id, vanished


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("All MyPy checks passing", "all-mypy-checks-passing"),
        ("PR #14 merged (Type checking errors fixed)", "pr-14-merged-type-checking-errors-fixed"),
        ("/health endpoint", "health-endpoint"),
        ("Backend API response times < 200ms (p95)", "backend-api-response-times-200ms-p95"),
        ("JWT_SECRET is set", "jwt-secret-is-set"),
        (
            "JWT_SECRET is cryptographically secure (min 32 chars)",
            "jwt-secret-is-cryptographically-secure-min-32-659f45",
        ),
        ("Миграции применены", "migratsii-primeneny"),
        ("Нет orphaned записей", "net-orphaned-zapisej"),
        ("Größe der Datenbank geprüft", "grosse-der-datenbank-gepruft"),
        ("Veritabanı yedeği alındı", "veritabani-yedegi-alindi"),
        ("Łódź łączy", "lodz-laczy"),
        ("Οι μεταφορές έγιναν", "oi-metafores-eginan"),
        ("数据库已备份", "item-8e772ce6"),
        ("Backup 备份 tested", "backup-tested-432da5"),
        ("C++ build", "c-build"),
        ("✅", "item-1d456424"),
    ],
)
def test_the_table_of_frozen_ids(text: str, name: str) -> None:
    assert item_id(text) == name


def test_case_spaces_and_composition_do_not_matter() -> None:
    assert item_id("  Café  OPEN ") == item_id("Cafe\u0301 open")


def test_long_texts_that_begin_alike_have_different_ids() -> None:
    start = "The quick brown fox jumps over the lazy dog and "
    assert item_id(start + "runs") != item_id(start + "sleeps")


@given(st.text())
def test_every_text_has_a_short_id_in_ascii(text: str) -> None:
    name = item_id(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert len(name) <= 56
    assert item_id(text) == name


def test_repeated_ids_are_numbered_and_pins_stay() -> None:
    wanted = [("a", False), ("a", False), ("b", False), ("a-2", False), ("c", True), ("c", False)]
    assert distinct(wanted) == ["a", "a-3", "b", "a-2", "c", "c-2"]


@given(st.lists(st.tuples(st.sampled_from(["a", "a-2", "b", "a-2-2"]), st.just(False))))
def test_given_ids_are_distinct(wanted: list[tuple[str, bool]]) -> None:
    assert len(set(distinct(wanted))) == len(wanted)


@given(st.permutations(["a", "b", "a-2", "c", "b-2"]))
def test_an_order_changes_no_id_where_none_repeats(names: list[str]) -> None:
    assert distinct((name, False) for name in names) == names


def test_a_renamed_line_is_named_with_its_likely_successor() -> None:
    used = ["no-hardcoded-secrets-in-codebase", "kept", "gone-for-good", "rate-limiting-2"]
    lines = ["kept", "no-hardcoded-secrets-in-the-repository", "other", "rate-limiting-active"]
    assert vanished(used, lines) == (
        Vanished("no-hardcoded-secrets-in-codebase", "no-hardcoded-secrets-in-the-repository"),
        Vanished("gone-for-good", None),
        Vanished("rate-limiting-2", "rate-limiting-active"),
    )


def test_one_line_succeeds_one_id_the_most_alike_and_none_that_is_in_use() -> None:
    assert vanished(["backups-run-daily", "backups-run"], ["backups-run-nightly"]) == (
        Vanished("backups-run-daily", "backups-run-nightly"),
        Vanished("backups-run", None),
    )
    assert vanished(["old-name", "old-names"], ["old-names"]) == (Vanished("old-name", None),)


@given(
    st.lists(st.sampled_from(["a-b", "a-c", "b-c", "a-b-2", "x"])),
    st.lists(st.sampled_from(["a-b", "a-b-c", "y"])),
)
def test_vanished_ids_are_those_that_no_line_has(used: list[str], lines: list[str]) -> None:
    found = vanished(used, lines)
    assert [one.id for one in found] == [id_ for id_ in dict.fromkeys(used) if id_ not in lines]
    successors = [one.successor for one in found if one.successor]
    assert len(successors) == len(set(successors))
    assert set(successors) <= set(lines) - set(used)
