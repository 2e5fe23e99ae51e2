import json

import pytest

from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.walk import Asked, Loss, parse, request

NONCE = "f00dfeedf00dfeed"
STEP = {
    "revision": "b",
    "statements": [
        ["DROP TABLE t", 0.5, False],
        ["UPDATE alembic_version SET version_num='b' WHERE 1", 0.1, False],
    ],
    "locks": [["public.t", "AccessExclusiveLock"]],
    "lost": [{"table": "t", "before": 3, "after": 0, "keys": 3}],
    "unsure": [],
    "keyless": [],
    "counted": [],
    "indexes": {"public.ix": "public.t"},
    "new": [],
    "down": {"error": "", "down": ["missing: table t"], "up": [], "rows": ["t"]},
}
ANSWER = {
    "heads": ["b"], "before": ["a"], "after": [], "applied": [], "pending": [], "tables": 0,
    "failed": "", "error": "", "kind": "", "walk": [STEP], "rows": {"t": 3}, "start": ["t"],
    "indexes": {},
    "complete": True,
}  # fmt: skip


def said(**changed: object) -> Completed:
    line = f"readiness-gate:{NONCE} {json.dumps({**ANSWER, **changed})}"
    return Completed(("python",), 0, f"\n{line}\n", "log", 1.0)


def test_an_answer_is_read() -> None:
    found = parse(said(), nonce=NONCE)
    assert (found.answered, found.heads, found.rows, found.tables) == (
        True,
        ("b",),
        {"t": 3},
        ("t",),
    )
    (step,) = found.steps
    assert [one.text for one in step.statements] == ["DROP TABLE t"]
    assert step.lost == (Loss("t", 3, 0, 3),)
    assert step.indexes == {"public.ix": "public.t"}
    assert step.back is not None
    assert step.back.down == ("missing: table t",)


@pytest.mark.parametrize(
    "changed",
    [
        {"heads": "b"},
        {"walk": [{"revision": "b"}]},
        {"walk": [{**STEP, "statements": [["x"]]}]},
        {"walk": 3},
        {"indexes": ["ix"]},
        {"rows": ["t"]},
        {"complete": False},
    ],
)
def test_an_answer_of_another_shape_is_none(changed: dict[str, object]) -> None:
    found = parse(said(**changed), nonce=NONCE)
    assert not found.answered
    assert found.error


def test_a_time_out_is_told() -> None:
    found = parse(Completed(("python",), None, "", "", 9.0), nonce=NONCE)
    assert (found.answered, found.timed_out) == (False, True)
    assert "did not end in 9 s" in found.error


def test_a_refused_connection_is_no_answer() -> None:
    found = parse(said(kind="setup", error="env.py opens x"), nonce=NONCE)
    assert (found.answered, found.error) == (False, "env.py opens x")


@pytest.mark.parametrize(("nonce", "scratch"), [("short", {"a": "b"}), (NONCE, {})])
def test_without_a_copy_or_a_nonce_nothing_is_asked(nonce: str, scratch: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="nonce of at least 16 characters and a copy"):
        request(Asked("walk"), nonce=nonce, config="alembic.ini", scratch=scratch)


def test_the_probe_is_one_text_without_imports_of_its_own() -> None:
    arguments, text = request(Asked("walk"), nonce=NONCE, config="a.ini", scratch={"app": "copy"})
    compile(text, "probe", "exec")
    assert json.loads(arguments[1])["scratch"] == {"app": "copy"}
    assert b"readiness_gate." not in text
