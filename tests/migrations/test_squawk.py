"""Statements through squawk itself: what it is given, what it says, what that means here."""

import subprocess
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from readiness_gate.migrations import squawk
from readiness_gate.migrations.lint import RULE_IDS, lint
from readiness_gate.migrations.walk import Statement

TABLES = ("public.users", "orders")


def said(text: bytes, *arguments: str) -> squawk.Heard:
    program = Path(sysconfig.get_path("scripts"), "squawk")
    done = subprocess.run(
        [program, *(arguments or squawk.arguments((17, 2), ()))],
        input=text,
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.returncode in {0, 1}, done.stderr
    return squawk.heard(done.stdout.decode(), done.returncode)


def found(
    *texts: str,
    also: tuple[str, ...] = (),
    alone: bool = False,
    own: bool = True,
    indexes: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    statements = squawk.separate([Statement(text, 0.0, alone) for text in texts])
    known = {
        (one.rule, one.statement)
        for one in lint("r", texts, dialect="postgresql", tables=TABLES)
        if own
    }
    return [
        (one.rule, one.table)
        for one in squawk.findings(
            "r",
            statements,
            said(squawk.given(statements)),
            tables=TABLES,
            known=known,
            also=also,
            indexes=indexes or {},
        )
    ]


@pytest.mark.parametrize(
    ("statement", "rule", "table"),
    [
        ("ALTER TABLE users DROP CONSTRAINT fk", "squawk/ban-drop-constraint", "users"),
        ("ALTER TABLE users ALTER x DROP NOT NULL", "squawk/ban-drop-not-null", "users"),
        ("DROP INDEX ix", "squawk/require-concurrent-index-deletion", "the schema"),
        ("ALTER TABLE public.orders SET SCHEMA x", "squawk/ban-set-schema", "orders"),
        ("DROP TYPE mood", "squawk/ban-drop-type", "the schema"),
    ],
)
def test_what_the_own_rules_do_not_know_is_found(statement: str, rule: str, table: str) -> None:
    assert list(lint("r", [statement], dialect="postgresql", tables=TABLES)) == []
    assert found(statement) == [(rule, table)]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("DROP TABLE users", "drop-table"),
        ("ALTER TABLE users DROP COLUMN x", "drop-column"),
        ("ALTER TABLE users RENAME TO people", "rename-table"),
        ("ALTER TABLE users RENAME COLUMN x TO y", "rename-column"),
        ("ALTER TABLE users ALTER COLUMN x TYPE bigint", "change-column-type"),
        ("ALTER TABLE users ADD COLUMN x bigint NOT NULL", "required-column-without-default"),
        ("ALTER TABLE users ADD COLUMN x float DEFAULT random()", "volatile-default"),
        ("ALTER TABLE users ALTER COLUMN x SET NOT NULL", "set-not-null"),
        ("CREATE INDEX ix ON users (x)", "index-not-concurrent"),
        ("TRUNCATE users CASCADE", "truncate"),
    ],
)
def test_what_both_know_has_one_name_and_is_told_once(statement: str, rule: str) -> None:
    assert rule in RULE_IDS
    assert found(statement) == []
    assert [name for name, _ in found(statement, own=False)] == [rule]


def test_a_key_validated_in_the_transaction_that_adds_it_is_found() -> None:
    add = "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (x) REFERENCES users (id) NOT VALID"
    validate = "ALTER TABLE orders VALIDATE CONSTRAINT fk"
    assert found(add, validate) == [("squawk/constraint-missing-not-valid", "orders")]
    assert found(add, validate, alone=True) == []


def test_an_index_outside_a_transaction_is_not_inside_the_one_before_it() -> None:
    statements = [
        Statement("ALTER TABLE users ADD COLUMN x bigint", 0.0),
        Statement("CREATE INDEX CONCURRENTLY ix ON users (x)", 0.0, autocommit=True),
        Statement("SELECT 1", 0.0),
    ]
    text = squawk.given(statements).decode()
    assert text == (
        "BEGIN; ALTER TABLE users ADD COLUMN x bigint;\n"
        "COMMIT; CREATE INDEX CONCURRENTLY ix ON users (x);\nBEGIN; SELECT 1;\nCOMMIT;\n"
    )
    rules = {rule for rule, _, _ in said(text.encode()).findings}
    assert "ban-concurrent-index-creation-in-transaction" not in rules
    inside = squawk.given([Statement(one.text, 0.0) for one in statements])
    assert "ban-concurrent-index-creation-in-transaction" in {
        rule for rule, _, _ in said(inside).findings
    }


def test_a_table_of_an_earlier_new_revision_is_not_in_use() -> None:
    """Squawk alone, revision by revision, takes it for an old one; all at once, every for new."""
    add = "ALTER TABLE made_here ADD COLUMN x bigint NOT NULL"
    alone = {rule for rule, _, _ in said(f"{add};\n".encode()).findings}
    assert "adding-required-field" in alone
    assert found(add, own=False) == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("DROP INDEX {}", "squawk/require-concurrent-index-deletion"),
        ("DROP INDEX IF EXISTS {} CASCADE", "squawk/require-concurrent-index-deletion"),
        ("ALTER INDEX {} RENAME TO other", "squawk/renaming-object"),
    ],
)
def test_an_index_belongs_to_its_table(statement: str, rule: str) -> None:
    """Squawk, which sees a revision alone, takes each for one of a table in use."""
    indexes = {"public.ix_old": "public.users", "public.Ix New": "public.made_here"}
    assert found(statement.format("ix_old"), indexes=indexes) == [(rule, "users")]
    assert found(statement.format('public."Ix New"'), indexes=indexes) == []
    assert found(statement.format("nobody_knows"), indexes=indexes) == [(rule, "the schema")]


def test_of_several_indexes_one_in_use_is_enough() -> None:
    indexes = {"public.ix_old": "users", "public.ix_new": "made_here"}
    rule = "squawk/require-concurrent-index-deletion"
    assert found("DROP INDEX ix_new, ix_old", indexes=indexes) == [(rule, "users")]
    assert found("DROP INDEX ix_new, unknown", indexes=indexes) == [(rule, "the schema")]
    assert found("DROP INDEX ix_new, ix_new", indexes=indexes) == []


def test_a_history_given_at_once_would_hide_what_is_told_of_each_revision() -> None:
    make = "CREATE TABLE users (id bigint)"
    add = "CREATE INDEX ix ON users (id)"
    naive = {rule for rule, _, _ in said(f"BEGIN;\n{make};\n{add};\nCOMMIT;\n".encode()).findings}
    assert "require-concurrent-index-creation" not in naive
    assert found(add, own=False) == [("index-not-concurrent", "users")]


def test_a_comment_of_the_pull_request_silences_nothing() -> None:
    ignored = "-- squawk-ignore-file\nALTER TABLE users DROP CONSTRAINT fk /* squawk-ignore */"
    assert said(f"{ignored};\n".encode()).findings == ()
    assert found(ignored) == [("squawk/ban-drop-constraint", "users")]


def test_style_and_settings_hold_where_asked_for() -> None:
    statement = "ALTER TABLE users ADD COLUMN x integer"
    assert found(statement) == []
    assert found(statement, also=("prefer-bigint-over-int", "require-lock-timeout")) == [
        ("squawk/require-lock-timeout", "users"),
        ("squawk/prefer-bigint-over-int", "users"),
    ]
    assert found("CREATE TABLE t (id integer)", also=("prefer-bigint-over-int",)) == [
        ("squawk/prefer-bigint-over-int", "t")
    ]


def test_parameters_are_no_syntax_errors() -> None:
    texts = [
        "UPDATE users SET x = %(x)s WHERE id = %(id)s",
        "INSERT INTO users VALUES (%s, %s)",
        "UPDATE users SET x = $1::INTEGER WHERE id = $2",
        "SELECT 1 WHERE 'a' LIKE '%s--'",
    ]
    statements = squawk.separate([Statement(text, 0.0) for text in texts])
    assert said(squawk.given(statements)).not_understood == frozenset()


def test_what_it_cannot_read_hides_nothing_else() -> None:
    statements = squawk.separate(
        [Statement("FROBNICATE users", 0.0), Statement("DROP TYPE mood", 0.0)]
    )
    first = said(squawk.given(statements))
    assert first.findings == ()
    assert first.not_understood == frozenset({0})
    second = said(squawk.given(statements, first.not_understood))
    assert "ban-drop-type" in {rule for rule, _, _ in second.findings}


def test_several_statements_sent_at_once_are_several() -> None:
    text = 'CREATE TABLE n (id bigint); DROP TYPE mood; ALTER TABLE users DROP CONSTRAINT "a;b"'
    assert found(text) == [
        ("squawk/ban-drop-type", "the schema"),
        ("squawk/ban-drop-constraint", "users"),
    ]


@pytest.mark.parametrize(("code", "output"), [(1, ""), (1, "[]"), (0, ""), (1, "null"), (0, "{}")])
def test_an_end_that_its_answer_does_not_explain_is_an_error(code: int, output: str) -> None:
    with pytest.raises(ValueError, match="squawk's answer is not understood"):
        squawk.heard(output, code)
    assert squawk.heard("[]", 0) == squawk.Heard((), frozenset())


@pytest.mark.parametrize("output", ["{", '{"a": 1}', '[{"line": 1}]', "[1]", "panicked"])
def test_an_answer_that_is_none_is_an_error(output: str) -> None:
    with pytest.raises(ValueError, match="squawk's answer is not understood"):
        squawk.heard(output, 1)


def test_the_server_s_version_is_told() -> None:
    assert squawk.arguments((15, 8), ())[-2:] == ("--pg-version", "15.8")
    assert "--pg-version" not in squawk.arguments((), ())
    assert "--include=require-table-schema" in squawk.arguments((), ("require-table-schema",))
