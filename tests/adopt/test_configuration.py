"""The whole configuration: sections from the document and the checkout, valid whatever it says."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.adopt.configuration import configuration
from readiness_gate.adopt.yaml_text import comment, flow
from readiness_gate.doors import yaml as strict
from readiness_gate.errors import ConfigurationError
from tests.adopt.builders import CLINIC, ROOT, SHOP, drafted, facts_of, planned

KINDS = ROOT / "tests/checklist/kinds"
SEQUENCE = """# Release

- [ ] PR #14 merged
- [ ] PR #10 merged

## Merge in order

```bash
# 1. Type fixes (no dependencies)
gh pr merge 14 --squash

# 2. This PR
gh pr merge <THIS_PR_NUMBER> --squash

# 3. Dashboards (depends on #14)
gh pr merge 10 --squash
```
"""


def test_under_half_ticked_means_that_ticked_lines_are_enforced(tmp_path: Path) -> None:
    facts = facts_of(tmp_path)
    assert drafted("- [x] CORS\n- [ ] TLS\n- [ ] DNS\n", facts).enforce == "ticked"
    assert drafted("- [x] CORS\n- [ ] TLS\n", facts).enforce == "all"
    assert "enforce: ticked  # 0 of 1 lines are ticked" in configuration(
        drafted("- [ ] CORS\n", facts)
    )


def test_the_order_of_merging_comes_from_the_sequence() -> None:
    text = configuration(drafted(SEQUENCE, facts_of(SHOP), 21))
    assert yaml.safe_load(text)["merge"] == {
        "order": [14, 21, 10],
        "depends-on": [{"pull-request": 10, "after": [14]}],
    }
    planned(text, SEQUENCE)


def test_no_edge_comes_from_lines_alone(tmp_path: Path) -> None:
    text = configuration(drafted("- [ ] PR #14 merged\n- [ ] PR #10 merged\n", facts_of(tmp_path)))
    assert "merge" not in yaml.safe_load(text)


def test_every_line_stands_above_its_binding_with_the_words_that_decided() -> None:
    text = configuration(drafted("## Net\n\n- [x] CORS is restricted\n", facts_of(SHOP)))
    lines = text.splitlines()
    at = lines.index('  # [x] CORS is restricted · "cors" 0.99')
    assert lines[at - 1] == "  # Net"
    assert lines[at + 1].startswith("  cors-is-restricted:")


def test_the_stack_and_the_database_are_those_of_the_checkout() -> None:
    read = yaml.safe_load(configuration(drafted("- [ ] No orphaned rows\n", facts_of(SHOP))))
    assert read["stack"]["files"] == ["docker-compose.yml"]
    assert read["stack"]["base-url"] == "http://backend:8000"
    assert read["databases"]["main"]["service"] == "db"
    assert read["databases"]["main"]["migrations"]["service"] == "backend"


def test_an_application_without_compose_is_started_as_a_process() -> None:
    read = yaml.safe_load(configuration(drafted("- [ ] No orphaned rows\n", facts_of(CLINIC))))
    assert read["stack"]["driver"] == "process"
    assert read["stack"]["processes"]["api"]["command"][:4] == [
        "python", "-m", "uvicorn", "clinic.main:app",
    ]  # fmt: skip
    assert read["databases"]["main"]["url"] == "sqlite:///data/clinic.db"


def test_targets_are_those_of_the_matrix(tmp_path: Path) -> None:
    text = (
        "# L\n\n## Security\n\n- [ ] CORS (Phase 1)\n- [ ] TLS (MVP)\n\n## Sign-off\n\n"
        "| Category | MVP | Phase 1 |\n| --- | --- | --- |\n| Security | 60% | 100% |\n"
        "| **Overall** | 60% | 100% |\n"
    )
    written = configuration(drafted(text, facts_of(tmp_path)))
    assert yaml.safe_load(written)["targets"] == {"Security": {"mvp": 60, "phase-1": 100}}
    items = planned(written, text)
    assert {id_ for id_, item in items.items() if item.check_id == "rollup"} == {
        "security-at-mvp", "security-at-phase-1", "overall-at-mvp", "overall-at-phase-1",
    }  # fmt: skip
    given = yaml.safe_load(written)["items"]
    assert given["security-at-mvp"]["with"] == {
        "of": ["Security"], "phase": "mvp", "at-least": "60%",
    }  # fmt: skip
    assert given["overall-at-phase-1"]["with"] == {"phase": "phase-1", "at-least": "100%"}


NEAR = """# L

## Database

- [ ] Migrations are applied (MVP)

## Cost Management

- [ ] Alert rules defined (MVP)

## Test Automation

- [ ] Unit tests pass (MVP)

## Test Coverage

- [ ] Coverage is measured (MVP)

## Matrix

| Category | MVP | Beta |
| --- | --- | --- |
| {} | 80% | 100% |
"""


@pytest.mark.parametrize(
    ("row", "heading"),
    [
        ("Database", "Database"),
        ("database", "Database"),
        ("Cost", "Cost Management"),
        ("Cost Mgmt", "Cost Management"),
        ("Test Coverage", "Test Coverage"),
        ("Data Protection", None),
        ("Data", None),
        ("Test", None),
        ("Test Data", None),
        ("Tests", None),
    ],
)
def test_a_row_of_a_matrix_is_one_heading_by_whole_words(
    row: str, heading: str | None, tmp_path: Path
) -> None:
    text = NEAR.format(row)
    written = configuration(drafted(text, facts_of(tmp_path)))
    given = yaml.safe_load(written)
    cells = [one["with"] for one in given["items"].values() if "at-least" in str(one)]
    assert [one["of"] for one in cells] == ([[heading]] if heading else [])
    assert set(given["targets"]) == {heading or row}
    assert (f"todo: no heading is {row!r} alone" in written) == (heading is None)
    planned(written, text)


def test_a_decision_and_signatures_are_summed_up_and_are_no_lines(tmp_path: Path) -> None:
    text = (
        "# L\n\n- [ ] CORS\n\n```\nDECISION: [ ] GO or [ ] NO-GO\n\nSign-off:\n"
        "Technical Lead: ________ Date: ____\n```\n"
    )
    draft = drafted(text, facts_of(tmp_path))
    assert [one.item.id for one in draft.proposals] == ["cors"]
    items = planned(configuration(draft), text)
    assert items["go-no-go"].check_id == "rollup"
    assert items["sign-off-technical-lead"].check_id == "attestation"


@pytest.mark.parametrize("path", sorted(KINDS.iterdir()), ids=lambda path: path.stem)
def test_lists_of_every_kind_make_a_valid_configuration(path: Path) -> None:
    text = path.read_text("utf-8")
    draft = drafted(text, facts_of(SHOP))
    assert draft.proposals
    items = planned(configuration(draft), text)
    assert list(items)[: len(draft.proposals)] == [one.item.id for one in draft.proposals]


HOSTILE = (
    "a: b # c", "{x}", "[ ] x", "'\"\\", "- - -", "? !x &a *a", "\x85 next line: evil",
    "\u2028items: {}", "%YAML 1.2", "@mention `code` <!-- x -->", "\ufeffbom", "\x1b[31mred",
)  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_a_line_never_get_out_of_their_comment(words: str, tmp_path: Path) -> None:
    text = f"# L\n\n- [ ] CORS {words} end\n"
    draft = drafted(text, facts_of(tmp_path))
    items = planned(configuration(draft), text)
    assert list(items) == [one.item.id for one in draft.proposals]


@given(st.text(max_size=60))
def test_any_text_stays_one_comment(text: str) -> None:
    line = comment(text, 2)
    assert strict.load(f"{line}\na: b\n", name="x").data == {"a": "b"}


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
def test_a_value_reads_back_as_it_was(value: object) -> None:
    assert strict.load(f"a: {flow(value)}\n", name="x").data == {"a": value}


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_document_is_refused_or_makes_a_valid_configuration(text: str) -> None:
    try:
        draft = drafted(f"- [ ] CORS\n\n{text}", facts_of(CLINIC))
    except ConfigurationError:
        return
    assert planned(configuration(draft), f"- [ ] CORS\n\n{text}")


@given(st.lists(WORDS, max_size=4))
def test_any_lines_make_a_configuration_that_loads(lines: list[str]) -> None:
    text = "# L\n\n" + "\n".join(f"- [ ] {line}" for line in lines) + "\n"
    draft = drafted(text, facts_of(CLINIC))
    read = strict.load(configuration(draft), name="x", cap=10**6).data
    assert set(read["items"]) >= {one.item.id for one in draft.proposals}
