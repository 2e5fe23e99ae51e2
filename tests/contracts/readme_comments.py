"""The comments that the README shows, rendered from kept reports of real runs.

`python -m tests.contracts.readme_comments` writes them anew, in `docs/comments/` and the README.
"""

import re
from pathlib import Path

from readiness_gate.model.report import Report
from readiness_gate.publish.compose import standalone
from readiness_gate.report.page import Page

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
FOLDER = ROOT / "docs" / "comments"
REPORTS = Path(__file__).parent / "reports"
NAMES = ("blocked", "waiting", "ready")


def rendered(name: str) -> str:
    """Return the comment of a kept report, as it is posted; its addresses lead nowhere."""
    report = Report.model_validate_json((REPORTS / f"{name}.json").read_text(encoding="utf-8"))
    return standalone(report, Page())


def shown(readme: str, name: str) -> str:
    """Return what the README shows of a comment.

    Raises:
        ValueError: it has no such place, or several.
    """
    found = _place(name).findall(readme)
    if len(found) != 1:
        raise ValueError(f"the README has {len(found)} places for the comment {name}")
    return str(found[0])


def _place(name: str) -> re.Pattern[str]:
    return re.compile(
        f"(?<=<!-- comment: {name} -->\n\n).*?(?=\n<!-- end of comment -->)", re.DOTALL
    )


def main() -> None:
    """Write every comment."""
    readme = README.read_text(encoding="utf-8")
    for name in NAMES:
        text = rendered(name)
        (FOLDER / f"{name}.md").write_text(text, encoding="utf-8")
        readme = _place(name).sub(lambda _, text=text: text, readme)  # type: ignore[misc]
    README.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    main()
