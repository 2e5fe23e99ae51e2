from dataclasses import replace

import pytest

from readiness_gate.checks.context import MergeFacts
from readiness_gate.checks.merge.changed_files import CHECK
from readiness_gate.errors import ForgeError
from readiness_gate.model.change import FileChange
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts, FakeInventory
from tests.fakes.options import options, refusal
from tests.merge.builders import group, pull

RULE = "{changed: [models/**], required: [migrations/*.py], except-labels: [no-migration]}"
MODEL = FileChange(path="models/user.py")
MIGRATION = FileChange(path="migrations/0001.py", kind="added")
PULL = facts(pull(30), at=30)


def run(
    *changes: FileChange,
    text: str = RULE,
    merge: MergeFacts | None = PULL,
    others: dict[int, list[FileChange]] | None = None,
) -> CheckResult:
    given = FakeFacts(inventory=FakeInventory(files={30: list(changes), **(others or {})}))
    return CHECK.run(context(merge=merge, github=given), options(CHECK, text))


def test_what_belongs_together_changed_together() -> None:
    result = run(MODEL, MIGRATION)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "1 file of 2 asked for more, which is there",
    )


def test_what_is_lacking_is_named_with_the_way_out() -> None:
    result = run(MODEL, FileChange(path="models/order.py"))
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "models/order.py and 1 more changed, nothing under migrations/*.py did",
    )
    assert result.remediation == (
        "Change them along. If it needs none, ask for the label no-migration."
    )
    assert "models/user.py" in str(result.evidence)


def test_a_change_elsewhere_asks_for_nothing() -> None:
    result = run(FileChange(path="README.md"))
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "none of 1 file asks for more",
    )


@pytest.mark.parametrize(
    "change",
    [
        FileChange(path="models/old.py", kind="removed"),
        FileChange(path="models/new.py", kind="renamed", previous="elsewhere/old.py"),
        FileChange(path="elsewhere/new.py", kind="renamed", previous="models/old.py"),
        FileChange(path="models/run.sh", kind="changed"),
    ],
)
def test_a_deleted_or_renamed_file_asks_too(change: FileChange) -> None:
    assert run(change).outcome is Outcome.FAILED
    assert run(change, MIGRATION).outcome is Outcome.PASSED


def test_the_source_of_a_copy_did_not_change() -> None:
    copy = FileChange(path="elsewhere/a.py", kind="copied", previous="models/a.py")
    assert run(copy).outcome is Outcome.PASSED


def test_who_deletes_what_is_required_has_not_changed_it_along() -> None:
    gone = FileChange(path="migrations/0001.py", kind="removed")
    moved = FileChange(path="attic/0001.py", kind="renamed", previous="migrations/0001.py")
    assert run(MODEL, gone).outcome is Outcome.FAILED
    assert run(MODEL, moved).outcome is Outcome.FAILED
    assert run(MODEL, gone, MIGRATION).outcome is Outcome.PASSED


def test_any_or_all_of_several_patterns() -> None:
    text = "{changed: [models/**], required: [migrations/*.py, 'docs/**'], match: %s}"
    assert run(MODEL, MIGRATION, text=text % "any").outcome is Outcome.PASSED
    result = run(MODEL, MIGRATION, text=text % "all")
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "models/user.py changed, nothing under docs/** did",
    )
    assert run(MODEL, text=text % "any").summary == (
        "models/user.py changed, nothing under migrations/*.py or docs/** did"
    )
    docs = FileChange(path="docs/a/b.md")
    assert run(MODEL, MIGRATION, docs, text=text % "all").outcome is Outcome.PASSED


def test_what_must_not_change_along_is_named() -> None:
    text = "{changed: [migrations/**], forbidden: [api/**]}"
    assert run(MIGRATION, text=text).outcome is Outcome.PASSED
    assert run(FileChange(path="api/a.py"), text=text).outcome is Outcome.PASSED
    result = run(MIGRATION, FileChange(path="api/a.py"), text=text)
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "migrations/0001.py changed, so did api/a.py, which must not",
    )
    frozen = "{changed: [vendor/**], forbidden: [vendor/**]}"
    assert run(FileChange(path="vendor/a.c"), text=frozen).outcome is Outcome.FAILED


def test_excluded_files_ask_for_nothing() -> None:
    text = "{exclude: ['**/tests/**', '*.md'], required: [CHANGELOG.md]}"
    assert run(FileChange(path="a/tests/b.py"), text=text).outcome is Outcome.PASSED
    assert run(FileChange(path="a/b.py"), text=text).outcome is Outcome.FAILED


def labelled(*labels: str) -> MergeFacts:
    return facts(replace(pull(30), labels=labels), at=30)


def test_a_label_excuses_and_is_named() -> None:
    result = run(MODEL, merge=labelled("api", "no-migration"))
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "excused by the label no-migration",
    )
    assert run(MODEL, merge=labelled("No-Migration")).outcome is Outcome.FAILED


def test_every_member_of_a_merge_group_is_judged_by_its_own_files() -> None:
    queue = facts(pull(29), pull(30), merge_group=group(29, 30))
    split = run(MODEL, merge=queue, others={29: [MIGRATION]})
    assert (split.outcome, split.summary) == (
        Outcome.FAILED,
        "#30: models/user.py changed, nothing under migrations/*.py did",
    )
    assert run(MODEL, MIGRATION, merge=queue, others={29: [MODEL]}).outcome is Outcome.FAILED
    assert run(MODEL, MIGRATION, merge=queue, others={29: [MIGRATION]}).outcome is Outcome.PASSED


def test_a_list_of_no_files_proves_nothing() -> None:
    result = run()
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_what_github_cannot_list_whole_is_never_green() -> None:
    refusal = ForgeError("#30 changes more files than GitHub lists")
    broken = FakeFacts(inventory=FakeInventory(files={30: refusal}))
    with pytest.raises(ForgeError, match="more files"):
        CHECK.run(context(merge=PULL, github=broken), options(CHECK, RULE))


def test_without_facts_it_cannot_tell() -> None:
    assert run(MODEL, merge=None).outcome is Outcome.ERROR
    blind = CHECK.run(context(merge=PULL), options(CHECK, RULE))
    assert (blind.outcome, blind.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert run(MODEL, merge=facts(merge_group=group(77))).outcome is Outcome.ERROR


def test_without_a_pull_request_it_does_not_apply() -> None:
    assert run(MODEL, merge=facts()).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{changed: [a]}",
        "{required: []}",
        "{changed: [], required: [a]}",
        "{required: [a], match: some}",
    ],
)
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
