import pytest

from readiness_gate.model.outcome import Verdict
from readiness_gate.model.report import Report
from tests.contracts.readme_comments import FOLDER, NAMES, README, REPORTS, rendered, shown

# After a change of the templates: `python -m tests.contracts.readme_comments`, then read it.


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_comment_is_what_the_code_produces(name: str) -> None:
    assert (FOLDER / f"{name}.md").read_text(encoding="utf-8") == rendered(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_shows_the_kept_comment(name: str) -> None:
    assert shown(README.read_text(encoding="utf-8"), name) == rendered(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_report_has_the_verdict_that_it_is_kept_for(name: str) -> None:
    report = Report.model_validate_json((REPORTS / f"{name}.json").read_text(encoding="utf-8"))
    assert report.verdict is Verdict(name)
