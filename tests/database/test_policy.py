import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.database.catalogue.foreign_key import ForeignKey
from readiness_gate.database.policy import ACTIONS, Rule, contradictions, judge, unused


def key(
    table: str,
    column: str = "user_id",
    on_delete: str = "NO ACTION",
    *,
    nullable: bool = True,
    default: bool = False,
    on_update: str = "NO ACTION",
) -> ForeignKey:
    return ForeignKey(
        schema="public",
        table=table,
        name=f"fk_{table}",
        columns=(column,),
        referenced_schema="public",
        referenced_table="users",
        referenced_columns=("id",),
        on_delete=on_delete,
        on_update=on_update,
        nullable=(nullable,),
        has_default=(default,),
    )


def messages(*keys: ForeignKey, rules: tuple[Rule, ...] = (), explicit: bool = False) -> list[str]:
    return [each.message for each in judge(keys, rules, require_explicit=explicit)]


SESSIONS = Rule(("user_*", "two_factor*"), frozenset({"CASCADE"}))
MEDICAL = Rule(("emr", "public.files"), frozenset({"SET NULL", "RESTRICT"}))


def test_an_action_outside_of_its_class_is_a_finding() -> None:
    assert messages(key("user_sessions", on_delete="CASCADE"), rules=(SESSIONS,)) == []
    assert messages(key("user_sessions"), rules=(SESSIONS,)) == [
        "ON DELETE NO ACTION, allowed is CASCADE"
    ]
    assert messages(key("files", on_delete="CASCADE"), rules=(MEDICAL,)) == [
        "ON DELETE CASCADE, allowed is SET NULL or RESTRICT"
    ]


def test_a_table_of_no_class_is_free() -> None:
    assert messages(key("orders", on_delete="CASCADE"), rules=(SESSIONS, MEDICAL)) == []


def test_the_first_rule_that_meets_a_key_decides() -> None:
    rest = Rule(("*",), frozenset({"RESTRICT"}))
    assert messages(key("user_sessions", on_delete="CASCADE"), rules=(SESSIONS, rest)) == []
    assert messages(key("user_sessions", on_delete="CASCADE"), rules=(rest, SESSIONS))


def test_a_rule_may_speak_of_columns() -> None:
    rule = Rule(("visits",), frozenset({"RESTRICT"}), ("patient_id",))
    assert messages(key("visits", "doctor_id"), rules=(rule,)) == []
    assert messages(key("visits", "patient_id"), rules=(rule,))


def test_an_action_that_nobody_wrote_is_a_finding_where_it_has_to_be_written() -> None:
    assert messages(key("orders"), explicit=True) == ["ON DELETE is not written (NO ACTION)"]
    assert messages(key("orders", on_delete="RESTRICT"), explicit=True) == []
    kept = Rule(("orders",), frozenset({"NO ACTION"}))
    assert messages(key("orders"), rules=(kept,), explicit=True) == []


def test_null_into_a_column_that_must_not_be_null_is_a_finding_without_any_rule() -> None:
    assert messages(key("files", on_delete="SET NULL", nullable=False)) == [
        "SET NULL, but user_id is NOT NULL"
    ]
    assert messages(key("files", on_update="SET NULL", nullable=False))
    assert messages(key("files", on_delete="SET NULL")) == []
    assert messages(key("files", on_delete="SET DEFAULT", nullable=False)) == [
        "SET DEFAULT, but user_id is NOT NULL and has no default"
    ]
    assert messages(key("files", on_delete="SET DEFAULT", nullable=False, default=True)) == []


def test_only_the_columns_that_a_delete_writes_have_to_be_nullable() -> None:
    two = ForeignKey(
        "public", "t", "k", ("tenant", "owner"), "public", "p", ("a", "b"),
        on_delete="SET NULL", nullable=(False, True), has_default=(False, False),
        set_columns=("owner",),
    )  # fmt: skip
    assert contradictions(two) == []


def test_a_rule_that_decides_about_nothing_is_told() -> None:
    slip = Rule(("paymnets",), frozenset({"RESTRICT"}))
    shadowed = Rule(("user_sessions",), frozenset({"CASCADE"}))
    keys = [key("user_sessions"), key("files")]
    assert unused(keys, (SESSIONS, slip, shadowed)) == (slip, shadowed)
    assert unused(keys, (SESSIONS, MEDICAL)) == ()


@given(
    st.sampled_from(ACTIONS),
    st.frozensets(st.sampled_from(ACTIONS), min_size=1),
    st.booleans(),
)
def test_a_key_is_clean_only_if_its_action_is_allowed(
    action: str, allowed: frozenset[str], explicit: bool
) -> None:
    found = judge([key("t", on_delete=action)], (Rule(("*",), allowed),), require_explicit=explicit)
    assert bool(found) == (action not in allowed)


@pytest.mark.parametrize("glob", ["T", "t?", "", "other.t"])
def test_a_glob_matches_whole_names_only(glob: str) -> None:
    assert not Rule((glob,), frozenset({"CASCADE"})).meets(key("t"))
