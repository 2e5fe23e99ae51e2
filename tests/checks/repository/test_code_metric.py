from pathlib import Path

import pytest

from readiness_gate.checks.repository.code_metric import CHECK
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Need, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options, refusal

CODE = '''\
"""A module."""

# TODO: more
class Order:
    """An order."""

    def total(self, tax: float) -> float:
        """Return it."""
        return tax  # FIXME TODO

    def _hidden(self, x): ...

    @staticmethod
    def make(amount) -> "Order": ...

    def __init__(self, a: int): ...

def plain(*rest: int, **more: int) -> None: ...

TODOS = "XXXL not-a-TODO-list"
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout")
    made.commit({"app/order.py": CODE, "app/note.txt": "XXX\n", "app/logo.png": b"\x00 TODO"})
    return made


def run(checkout: Checkout, text: str, *, base: str | None = None) -> CheckResult:
    known = context(workspace=checkout.root, git=checkout.git, base_sha=base)
    return CHECK.run(known, options(CHECK, text))


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("{metric: markers, limit: <=3}", "markers 3 over 1 file"),
        ("{metric: markers, limit: <=4, path: 'app/*'}", "markers 4 over 3 files"),
        ("{metric: markers, limit: ==0, markers: [HACK]}", "markers 0 over 1 file"),
        ("{metric: type-hints, limit: '>=60%'}", "type-hints 60.0 % over 1 file"),
        ("{metric: docstrings, limit: '>50%'}", "docstrings 60.0 % over 1 file"),
    ],
)
def test_a_number_within_its_limit_passes(checkout: Checkout, text: str, summary: str) -> None:
    result = run(checkout, text)
    assert (result.outcome, result.summary) == (Outcome.PASSED, summary)


@pytest.mark.parametrize(
    ("text", "summary", "lines"),
    [
        (
            "{metric: markers, limit: <3}",
            "markers: 3 over 1 files: expected <3, got 3",
            [3, 9, 9],
        ),
        (
            "{metric: type-hints, limit: '>80%'}",
            "type-hints: 60.0 % over 1 files: expected >80%, got 60.0 %",
            [11, 14],
        ),
        (
            "{metric: docstrings, limit: '>=80%'}",
            "docstrings: 60.0 % over 1 files: expected >=80%, got 60.0 %",
            [18, 14],
        ),
    ],
)
def test_a_number_beyond_its_limit_fails_with_its_places(
    checkout: Checkout, text: str, summary: str, lines: list[int]
) -> None:
    result = run(checkout, text)
    assert (result.outcome, result.summary) == (Outcome.FAILED, summary)
    assert [one.line for one in result.evidence if one.kind == "location"] == lines


@pytest.mark.parametrize(
    ("metric", "worse", "better"),
    [
        ("markers", CODE + "# TODO\n", CODE.replace("# TODO", "#")),
        ("type-hints", CODE + "def f(x): ...\n", CODE + "def f(x: int) -> None: ...\n"),
        ("docstrings", CODE + "def f(): ...\n", CODE + 'def f():\n    """It."""\n'),
    ],
)
def test_a_ratchet_holds_against_the_base(
    checkout: Checkout, metric: str, worse: str, better: str
) -> None:
    base = checkout.commit({"app/other.py": '"""Other."""\n'})
    text = f"{{metric: {metric}, ratchet: true}}"
    checkout.commit({"app/order.py": worse, "README.md": "TODO"})
    result = run(checkout, text, base=base)
    assert result.outcome is Outcome.FAILED
    assert "at the base it was" in result.summary
    checkout.commit({"app/order.py": better, "app/other.py": '"""Others."""\n'})
    assert run(checkout, text, base=base).outcome is Outcome.PASSED
    checkout.commit({"app/order.py": CODE, "app/moved.py": '"""Others."""\n', "app/other.py": None})
    result = run(checkout, text, base=base)
    assert result.outcome is Outcome.PASSED
    assert result.summary.endswith("at the base")


def test_a_ratchet_without_a_pull_request_has_nothing_to_say(checkout: Checkout) -> None:
    assert run(checkout, "{metric: markers, ratchet: true}").outcome is Outcome.SKIPPED
    both = "{metric: markers, ratchet: true, limit: <=3}"
    assert run(checkout, both).outcome is Outcome.PASSED


def test_a_ratchet_whose_base_is_not_here_cannot_be_told(checkout: Checkout) -> None:
    with pytest.raises(ConfigurationError, match="fetch-depth"):
        run(checkout, "{metric: markers, ratchet: true}", base="b" * 40)


@pytest.mark.parametrize(
    ("text", "error_class"),
    [
        ("{metric: markers, limit: <9, path: '*.go'}", ErrorClass.INCONCLUSIVE),
        ("{metric: type-hints, limit: '>1%', path: empty.py}", ErrorClass.INCONCLUSIVE),
        ("{metric: docstrings, limit: '>1%', path: empty.py}", ErrorClass.INCONCLUSIVE),
        ("{metric: docstrings, limit: '>1%', path: broken.py}", ErrorClass.INCONCLUSIVE),
        ("{metric: markers, limit: <9, path: ../a.py}", ErrorClass.CONFIGURATION),
        ("{metric: markers, limit: <9, path: large.txt}", ErrorClass.CONFIGURATION),
    ],
)
def test_what_cannot_be_measured_cannot_be_told(
    checkout: Checkout, text: str, error_class: ErrorClass
) -> None:
    (checkout.root / "empty.py").write_text("")
    (checkout.root / "broken.py").write_text("def (")
    (checkout.root / "large.txt").write_bytes(b"x" * 9_000_000)
    result = run(checkout, text)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, error_class)


def test_time_that_ran_out_is_never_green(checkout: Checkout) -> None:
    known = context(workspace=checkout.root, timeout=0.0)
    result = CHECK.run(known, options(CHECK, "{metric: markers, limit: <9}"))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_git_is_needed_only_for_a_ratchet() -> None:
    assert CHECK.refine_needs is not None
    limit = options(CHECK, "{metric: markers, limit: <9}")
    ratchet = options(CHECK, "{metric: markers, ratchet: true}")
    assert Need.GIT not in CHECK.refine_needs(limit)
    assert Need.GIT in CHECK.refine_needs(ratchet)


@pytest.mark.parametrize(
    "text",
    [
        "metric: markers",
        "limit: <3",
        "{metric: lines, limit: <3}",
        "{metric: markers, limit: '<3%'}",
        "{metric: type-hints, limit: '>80'}",
        "{metric: type-hints, limit: '>80%', markers: [TODO]}",
        "{metric: markers, limit: <3, markers: []}",
        "{metric: markers, limit: <3, markers: ['(']}",
        "{metric: markers, limit: <3, path: []}",
    ],
)
def test_options_that_assert_nothing_or_are_wrong_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
