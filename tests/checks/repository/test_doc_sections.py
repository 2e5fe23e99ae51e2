import time
from pathlib import Path

import pytest

from readiness_gate.checks.repository.doc_sections import CHECK
from readiness_gate.formats.markdown_document import markdown_document
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
DOCUMENT = """\
---
title: Runbook TODO
---
# Runbook

## 1. \N{ROCKET} Deployment & *start*

Run `make deploy TODO` and see [rollback](#rollback-plan) or [the guide](guide%20one.md#setup).

```sh
deploy --host $HOST # TODO is fine in code
```

Rollback plan
-------------

Steps are in ![a picture](../img/a.png "title"), [up](/README.md?plain=1) and [ref].
See [web](https://example.org/gone), <a href="#contacts">there</a> and [tracker](../../issues/3).

<!-- TODO: nobody sees this -->

### Contacts

| Name | Phone number |
| ---- | ------------ |
| a    | 1            |
| b    | 2            |

## Empty

## Setup
[ref]: guide%20one.md
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "docs/run.md": DOCUMENT,
        "docs/guide one.md": "# Setup\nwords\n# Setup\n<a name='own'></a>\n",
        "img/a.png": "",
        "README.md": "# Read me\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def run(tree: Path, text: str) -> CheckResult:
    return CHECK.run(context(workspace=tree), options(CHECK, f"{{path: docs/run.md, {text}}}"))


@pytest.mark.parametrize(
    "text",
    [
        "headings: [deployment, Deployment & start, ROLLBACK plan, contacts]",
        "{headings: [Rollback], section-words: 20}"[1:-1],
        "min-words: 40",
        "tables: [{columns: [name, phone], min-rows: 2, heading: contacts}]",
        "links: true",
        "complete: true",
    ],
)
def test_a_sound_document_passes(tree: Path, text: str) -> None:
    result = run(tree, text)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 document: all that is asserted holds",
    ), result.details


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("headings: [Escalation]", "docs/run.md: there is no section Escalation"),
        ("headings: [roll]", "docs/run.md: there is no section roll"),
        ("headings: [Empty]", "docs/run.md:29: section Empty has 0 words, at least 1 required"),
        ("headings: [Setup]", "docs/run.md:31: section Setup has 0 words, at least 1 required"),
        ("{headings: [Rollback], section-words: 90}"[1:-1], "docs/run.md:14: section Rollback has"),
        ("min-words: 500", "docs/run.md: "),
        ("tables: [{columns: [pager]}]", "docs/run.md: there is no table with the columns pager"),
        ("tables: [{columns: name, min-rows: 3}]", "docs/run.md:24: the table name has 2 rows"),
        (
            "tables: [{columns: name, heading: Setup}]",
            "docs/run.md: there is no table with the columns name under Setup",
        ),
    ],
)
def test_what_is_missing_fails(tree: Path, text: str, cause: str) -> None:
    result = run(tree, text)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(cause)


@pytest.mark.parametrize(
    ("link", "cause"),
    [
        ("[a](gone.md)", "the link gone.md leads nowhere"),
        ("[a](#gone)", "the link #gone names no heading"),
        ("[a](guide%20one.md#gone)", "names no heading"),
        ("[a](../../../etc/passwd)", "leads out of the checkout"),
        ("![a](<gone.png>)", "the link gone.png leads nowhere"),
        ("<img src='gone.png'>", "the link gone.png leads nowhere"),
        ("[a]\n\n[a]: gone.md", "the link gone.md leads nowhere"),
        ("[a](gone(1).md)", "the link gone(1).md leads nowhere"),
    ],
)
def test_links_that_lead_nowhere_fail(tree: Path, link: str, cause: str) -> None:
    (tree / "docs/run.md").write_text(f"# A\n\n{link}\n")
    result = run(tree, "links: true")
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary
    assert result.evidence


@pytest.mark.parametrize(
    "link",
    [
        "`[a](gone.md)`", "    [a](gone.md)", "[a](mailto:a@b.org)", "[a](guide%20one.md#own)",
        "[a](guide%20one.md#setup-1)", "[a](../img)", "[a](#A)", "[a](../README.md#L1-L2)",
    ],
)  # fmt: skip
def test_what_is_no_link_into_the_checkout_does_not_fail(tree: Path, link: str) -> None:
    (tree / "docs/run.md").write_text(f"# A\n\n{link}\n")
    assert run(tree, "links: true").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "text",
    [
        "call TBD", "[Contact info]", "[insert date here]", "Lorem Ipsum dolor", "coming soon",
        "to be written", "<your name>", "```\ngh pr merge <THIS_PR_NUMBER>\n```", "`<API_KEY>`",
        "| a |\n|---|\n| TODO |",
    ],
)  # fmt: skip
def test_what_is_left_to_fill_in_fails(tree: Path, text: str) -> None:
    (tree / "docs/run.md").write_text(f"# A\n\nwords\n\n{text}\n")
    result = run(tree, "complete: true")
    assert result.outcome is Outcome.FAILED
    assert "is left to fill in" in result.summary


def test_an_exception_is_named_as_it_is_written(tree: Path) -> None:
    (tree / "docs/run.md").write_text("# A\n\nconnect to <DB_HOST>\n")
    assert run(tree, "complete: true").summary == ("docs/run.md:3: <DB_HOST> is left to fill in")
    assert run(tree, "complete: true, allow: <DB_HOST>").outcome is Outcome.PASSED
    for fine in ("[Name](a.md)", "[contact]: a.md", "- [ ] add tests", "<br> <DIV>", "mastodon"):
        (tree / "docs/run.md").write_text(f"# A\n\n{fine}\n")
        assert run(tree, "complete: true").outcome is Outcome.PASSED, fine


def test_the_guides_of_an_example_are_read() -> None:
    text = "{path: clinic/docs/*GUIDE.md, min-words: 20, links: true, complete: true}"
    assert CHECK.run(context(workspace=EXAMPLES), options(CHECK, text)).outcome is Outcome.PASSED


def test_missing_documents_fail_and_others_cannot_be_told(tree: Path) -> None:
    def at(path: str) -> CheckResult:
        given = options(CHECK, f"{{path: '{path}', min-words: 1}}")
        return CHECK.run(context(workspace=tree), given)

    assert at("docs/gone.md").summary == "no file at docs/gone.md"
    assert at("../a.md").error_class is ErrorClass.CONFIGURATION
    (tree / "large.md").write_text("a\n" * 300_000)
    assert at("large.md").error_class is ErrorClass.CONFIGURATION
    (tree / "long.md").write_text("a" * 200_000)
    assert at("long.md").error_class is ErrorClass.INCONCLUSIVE
    (tree / "empty.md").write_bytes(b"\xff\xfe\x00")
    assert at("empty.md").outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "text",
    [
        "[" * 90_000, "](" * 45_000, "`" * 90_000, "<a href='" * 10_000, "[a](" + "(" * 90_000,
        "<" * 90_000, "# a\n" * 9_000, "|a" * 6_000 + "\n" + "|-" * 6_000, "` `` " * 18_000,
        "---\n" * 6_000, "> " * 40_000, "<YOUR_" * 15_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_a_hostile_document_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    markdown_document(text)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "text",
    [
        "{path: a}",
        "min-words: 1",
        "{path: a, headings: []}",
        "{path: a, headings: ['##']}",
        "{path: a, min-words: 0}",
        "{path: a, links: true, section-words: 2}",
        "{path: a, links: true, allow: b}",
        "{path: a, tables: [{min-rows: 1}]}",
    ],
)
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
