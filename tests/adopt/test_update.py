"""New lines go into a configuration that people have edited; nothing else moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.adopt.configuration import configuration
from readiness_gate.adopt.successors import renamed
from readiness_gate.adopt.update import update
from readiness_gate.doors import yaml as strict
from readiness_gate.errors import ConfigurationError
from tests.adopt.builders import CLINIC, CONFIG, LIST, drafted, facts_of, planned

ONE = "# L\n\n- [ ] No orphaned rows\n- [ ] CORS is restricted\n"
TWO = "# L\n\n- [ ] No orphaned rows\n- [ ] Health endpoint responds\n- [ ] CORS is restricted\n"
EDITED = f"""# ours, with   spaces
version: 1
checklist: {LIST}   # where it is
stack: {{driver: external, base-url: "http://x"}}

items:
  # our own item
  legal: {{check: attestation, with: {{by: ours}}}}

  no-orphaned-rows:       # hand-made
      check: file-exists
      with:
        path: README.md

  # before cors
  cors-is-restricted: {{check: cors, with: {{url: /x, deny: ["https://e.example"],
    allow: ["https://a.example"]}}}}
  last: secret-scan
# the end
"""


def updated(before: str, checklist: str = TWO) -> tuple[str, tuple[str, ...]]:
    draft = drafted(checklist, facts_of(CLINIC))
    done = update(before, draft.proposals, [LIST], name=CONFIG)
    return done.text, done.added


def test_a_new_line_comes_behind_the_line_before_it_and_nothing_else_changes() -> None:
    text, added = updated(EDITED)
    assert added == ("health-endpoint-responds",)
    kept = text.splitlines(keepends=True)
    new = [line for line in kept if line not in EDITED.splitlines(keepends=True)]
    assert "".join(line for line in kept if line not in new) == EDITED
    at = text.index("health-endpoint-responds")
    assert text.index("path: README.md") < at < text.index("# before cors")
    planned(text, TWO)


def test_a_second_time_changes_nothing() -> None:
    text, _ = updated(EDITED)
    assert updated(text) == (text, ())


def test_what_import_wrote_is_added_to() -> None:
    text, added = updated(configuration(drafted(ONE, facts_of(CLINIC))))
    assert added == ("health-endpoint-responds",)
    order = [id_ for id_ in planned(text, TWO) if id_ not in {"image-build", "stack-health"}]
    assert order[:3] == ["no-orphaned-rows", "health-endpoint-responds", "cors-is-restricted"]


def test_windows_line_ends_stay() -> None:
    text, added = updated(EDITED.replace("\n", "\r\n"))
    assert added
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize(
    "before",
    [
        f"version: 1\nchecklist: {LIST}\n",
        f"version: 1\nchecklist: {LIST}\nitems: {{}}\n",
        f"version: 1\nchecklist: {LIST}\nitems:   # none yet\n",
        f"version: 1\nitems: {{}}\nchecklist: [{LIST}]",
        "version: 1\nchecklist: docs/OTHER.md\n",
        "checklist: [docs/OTHER.md]  # other\nversion: 1\n",
        "version: 1\n",
    ],
)
def test_a_configuration_without_items_gets_them_all(before: str) -> None:
    text, added = updated(before)
    read = strict.load(text, name=CONFIG).data
    assert list(read["items"]) == list(added)
    assert len(added) == 3
    named = read["checklist"]
    assert LIST in ([named] if isinstance(named, str) else named)
    assert updated(text) == (text, ())


@pytest.mark.parametrize(
    "before",
    [
        f"version: 1\nchecklist: {LIST}\nitems: {{a: secret-scan, b: secret-scan}}\n",
        "version: 1\nchecklist:\n  - docs/OTHER.md\nitems: {}\n",
        "- a\n",
        "items: [a]\n",
    ],
)
def test_what_nothing_can_be_put_into_is_refused_and_the_place_is_told(before: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{CONFIG}:\d+:\d+"):
        updated(before)


def test_a_line_that_was_rewritten_is_named_with_what_it_became() -> None:
    items = "items:\n  no-orphaned-row: attestation\n  own: attestation\n"
    before = f"version: 1\nchecklist: {LIST}\n{items}"
    lines = drafted(ONE, facts_of(CLINIC)).reading.items
    assert list(renamed(before, lines, name=CONFIG)) == [
        (
            "items.no-orphaned-row is no line any more; no-orphaned-rows reads like it: "
            "move its binding"
        )
    ]


LINES = st.lists(
    st.sampled_from(["CORS", "TLS", "No orphaned rows", "Backups run daily", "GDPR audit", "Cake"]),
    unique=True,
    max_size=6,
)


@given(LINES, LINES)
def test_any_two_states_of_a_checklist_end_with_every_line_once(
    first: list[str], second: list[str]
) -> None:
    def text(lines: list[str]) -> str:
        return "# L\n\n" + "".join(f"- [ ] {line}\n" for line in lines)

    before = configuration(drafted(text(first), facts_of(CLINIC)))
    after, added = updated(before, text(second))
    ids = list(strict.load(after, name=CONFIG).data["items"] or {})
    expected = {one.item.id for one in drafted(text([*first, *second]), facts_of(CLINIC)).proposals}
    assert len(added) == len(set(second) - set(first))
    assert len(ids) == len(set(ids))
    assert {id_.removesuffix("-2") for id_ in expected} <= set(ids)
    assert updated(after, text(second)) == (after, ())
