"""What the maintainers decided, from the one place that decides."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from readiness_gate.engine.policy import Policy, preview, read_policy
from readiness_gate.errors import ConfigurationError
from tests.engine.builders import CATALOGUE

CONFIG = ".github/readiness.yml"
WAIVERS = ".github/readiness-waivers.yml"
SIGNED = ".github/readiness-attestations.yml"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def read(files: Mapping[str, str], *, now: datetime = NOW) -> Policy | None:
    def file(path: str) -> bytes | None:
        text = files.get(path)
        return None if text is None else text.encode()

    return read_policy(file, CONFIG, check_ids=[one.id for one in CATALOGUE], now=now)


def decided(text: str, **files: str) -> Policy:
    names = {"waivers": WAIVERS, "signed": SIGNED, "checklist": "list.md"}
    given = {names[name]: content for name, content in files.items()}
    policy = read({CONFIG: f"version: 1\n{text}", **given})
    assert policy is not None
    return policy


def waiver(id_: str, expires: str = "2026-12-31") -> str:
    return (
        f"- {{id: {id_}, reason: agreed, requested-by: one, approved-by: two,"
        f" expires: {expires}}}\n"
    )


def test_without_a_configuration_there_is_no_policy() -> None:
    assert read({}) is None
    assert read({WAIVERS: waiver("a")}) is None


def test_the_checklist_is_read_from_the_same_place() -> None:
    policy = decided("checklist: list.md", checklist="- [ ] Ready <!-- id: ready -->\n")
    assert [line.id for line in policy.checklist.lines] == ["ready"]


def test_a_checklist_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"checklist: list\.md does not exist"):
        decided("checklist: list.md")


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="unknown check 'htp', did you mean 'http'"):
        decided("items: {a: htp}")


def test_a_waiver_that_holds_is_active() -> None:
    policy = decided("items: {a: http}", waivers=waiver("a"))
    assert policy.waivers["a"].approved_by == "two"
    assert policy.waivers["a"].expires == "2026-12-31"
    assert policy.notes == ()


@pytest.mark.parametrize(
    ("expires", "active", "note"),
    [
        ("2026-03-01", False, "the waiver for a expired on 2026-03-01"),
        ("2026-03-02", True, "the waiver for a ends on 2026-03-02"),
        ("2026-03-16", True, "the waiver for a ends on 2026-03-16"),
        ("2026-03-17", True, None),
    ],
)
def test_a_waiver_ends_with_its_day_and_is_announced_two_weeks_before(
    expires: str, active: bool, note: str | None
) -> None:
    policy = decided("items: {a: http}", waivers=waiver("a", expires))
    assert policy.waivers["a"].ended is not active
    assert policy.notes == ((note,) if note else ())


@pytest.mark.parametrize("file", ["waivers", "signed"])
def test_an_entry_about_no_item_is_refused_with_what_was_meant(file: str) -> None:
    entry = {
        "waivers": waiver("reedme"),
        "signed": "- {id: reedme, by: me, evidence: here, date: 2026-03-01}\n",
    }[file]
    with pytest.raises(ConfigurationError, match="no item is called 'reedme', did you mean"):
        decided("items: {readme: http}", **{file: entry})


def test_a_waiver_may_name_what_a_section_brings() -> None:
    policy = decided("stack: {}", waivers=waiver("stack-health"))
    assert set(policy.waivers) == {"stack-health"}


def test_attestations_reach_the_checks_as_written() -> None:
    signed = (
        "- {id: a, by: '@legal', evidence: doc 7, date: 2026-03-01, expires: 2026-06-30,"
        " scope: pull-request 3}\n- {id: a, by: x, evidence: e, date: 2026-03-01}\n"
    )
    first, second = decided("items: {a: {check: attestation}}", signed=signed).attestations
    assert (first.by, first.evidence, first.date, first.expires, first.scope) == (
        "@legal", "doc 7", "2026-03-01", "2026-06-30", "pull-request 3",
    )  # fmt: skip
    assert (second.expires, second.scope) == (None, "repository")


def test_malformed_files_are_refused_not_ignored() -> None:
    for file in ("waivers", "signed"):
        with pytest.raises(ConfigurationError):
            decided("items: {a: http}", **{file: "- {id: a}\n"})


RISKY = """
stack: {files: [docker-compose.yml], allow: [privileged], environment: [JWT_SECRET]}
environments: {production: {endpoints: {backend: https://shop.example}}}
items: {a: http}
"""


def test_a_preview_takes_out_what_could_harm_and_keeps_the_rest() -> None:
    policy = decided(RISKY, waivers=waiver("a"))
    shown = preview(policy)
    stack = shown.loaded.config.stack
    assert shown.preview
    assert not policy.preview
    assert stack is not None
    assert (stack.allow, stack.environment, stack.files) == ((), (), ("docker-compose.yml",))
    assert shown.loaded.config.environments == {}
    assert shown.waivers == {}
    assert shown.loaded.config.items == policy.loaded.config.items
    assert shown.loaded.digest == policy.loaded.digest


def test_a_preview_without_a_stack_has_none() -> None:
    assert preview(decided("items: {a: http}")).loaded.config.stack is None
