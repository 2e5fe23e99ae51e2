import pytest

from tests.report.golden_files import CASES, FOLDER


@pytest.mark.parametrize("name", CASES)
def test_the_rendered_text_is_the_golden_one(name: str) -> None:
    # Made anew with `python -m tests.report.golden_files`; then read the difference.
    assert CASES[name]() == (FOLDER / name).read_text("utf-8")


def test_every_golden_file_has_its_case() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith(".md")])
def test_no_box_that_another_bot_could_wait_for(name: str) -> None:
    text = CASES[name]()
    assert "[ ]" not in text
    assert "[x]" not in text
