import pytest

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.cleanup.action import Action, decide
from readiness_gate.database.policy import Rule


def key(
    *, nullable: bool, on_delete: str = "NO ACTION", identity: tuple[str, ...] = ("id",)
) -> ForeignKey:
    return ForeignKey(
        schema="", table="visits", name="", columns=("p_id",), referenced_schema="",
        referenced_table="patients", referenced_columns=("id",), on_delete=on_delete,
        nullable=(nullable,), primary_key=identity, dialect="sqlite",
    )  # fmt: skip


def rule(*allowed: str, tables: str = "visits") -> list[Rule]:
    return [Rule((tables,), frozenset(allowed))]


@pytest.mark.parametrize(
    ("allowed", "nullable", "action"),
    [
        (["CASCADE"], True, Action.DELETE),
        (["CASCADE"], False, Action.DELETE),
        (["SET NULL"], True, Action.SET_NULL),
        (["SET NULL"], False, Action.QUARANTINE),
        (["SET NULL", "CASCADE"], True, Action.SET_NULL),
        (["SET NULL", "CASCADE"], False, Action.DELETE),
        (["RESTRICT"], True, Action.QUARANTINE),
        (["RESTRICT", "NO ACTION"], False, Action.QUARANTINE),
        (["RESTRICT", "SET NULL"], True, Action.SET_NULL),
        (["RESTRICT", "SET NULL"], False, Action.QUARANTINE),
    ],
)
def test_the_policy_decides_within_what_the_column_allows(
    allowed: list[str], nullable: bool, action: Action
) -> None:
    assert decide(key(nullable=nullable), rule(*allowed)).action is action


@pytest.mark.parametrize(
    ("nullable", "on_delete", "action"),
    [
        (True, "NO ACTION", Action.SET_NULL),
        (True, "CASCADE", Action.SET_NULL),
        (False, "CASCADE", Action.DELETE),
        (False, "NO ACTION", Action.QUARANTINE),
        (False, "SET NULL", Action.QUARANTINE),
    ],
)
def test_without_a_rule_the_key_decides(nullable: bool, on_delete: str, action: Action) -> None:
    found = decide(key(nullable=nullable, on_delete=on_delete), rule("CASCADE", tables="other"))
    assert found.action is action
    assert found.reason.startswith("no rule")


def test_what_the_policy_keeps_is_never_deleted() -> None:
    for nullable in (True, False):
        for on_delete in ("CASCADE", "SET NULL", "NO ACTION"):
            found = decide(key(nullable=nullable, on_delete=on_delete), rule("RESTRICT"))
            assert found.action is Action.QUARANTINE


def test_parents_that_a_backup_has_are_restored_for_what_the_policy_keeps() -> None:
    assert decide(key(nullable=False), rule("RESTRICT"), in_backup=True).action is Action.RESTORE
    assert decide(key(nullable=True), rule("SET NULL"), in_backup=True).action is Action.SET_NULL
    assert decide(key(nullable=True), rule("CASCADE"), in_backup=True).action is Action.DELETE


def test_a_column_that_identifies_the_row_is_not_emptied() -> None:
    found = decide(key(nullable=True, identity=("p_id",)), rule("SET NULL"))
    assert found.action is Action.QUARANTINE
