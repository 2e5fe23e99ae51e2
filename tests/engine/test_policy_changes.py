"""What a pull request does to waivers and sign-offs is shown."""

import pytest

from readiness_gate.engine.policy_changes import FILES, policy_changes

WAIVERS, SIGNED = FILES
LATER = "; nothing of it counts before it merges"


def waiver(id_: str, reason: str = "later") -> str:
    return (
        f"- {{id: {id_}, reason: {reason}, requested-by: a, approved-by: b, expires: 2026-06-30}}\n"
    )


def signed(id_: str, by: str = "a") -> str:
    return f"- {{id: {id_}, by: {by}, evidence: e, date: 2026-03-01}}\n"


@pytest.mark.parametrize(
    ("path", "base", "head", "told"),
    [
        (WAIVERS, None, waiver("a"), ["adds 1 waiver: a"]),
        (WAIVERS, waiver("a"), waiver("a") + waiver("b") + waiver("c"), ["adds 2 waivers: b, c"]),
        (WAIVERS, waiver("a"), waiver("a", "never"), ["changes 1 waiver: a"]),
        (WAIVERS, waiver("a") + waiver("b"), waiver("b"), ["removes 1 waiver: a"]),
        (WAIVERS, waiver("a"), None, ["removes 1 waiver: a"]),
        (WAIVERS, waiver("a"), waiver("a") + "# a remark\n", []),
        (WAIVERS, waiver("a"), waiver("a"), []),
        (WAIVERS, None, None, []),
        (SIGNED, signed("a"), signed("a") + signed("a", "b"), ["adds 1 sign-off: a"]),
        (SIGNED, signed("a"), signed("b"), ["adds 1 sign-off: b", "removes 1 sign-off: a"]),
    ],
)
def test_changes_are_counted_and_named(
    path: str, base: str | None, head: str | None, told: list[str]
) -> None:
    before, after = (None if text is None else text.encode() for text in (base, head))
    seen = policy_changes(path, before, after)
    assert list(seen) == [f"this pull request {line}{LATER}" for line in told]


def test_a_malformed_file_is_told_with_its_place() -> None:
    (line,) = policy_changes(WAIVERS, None, b"- {id: a}\n")
    assert line.startswith(
        "this pull request changes .github/readiness-waivers.yml, which is malformed then: "
        ".github/readiness-waivers.yml:1:"
    )
