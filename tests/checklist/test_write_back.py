"""Boxes set as the items were found; every other byte stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checklist.document import Box, BoxForm
from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.checklist.write_back import marked, wanted, write_back
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import ErrorClass, Half, Outcome, SkippedBy


def written(data: bytes, ticks: bool | dict[str, bool]) -> bytes:
    lines = read_checklists([("L.md", data)]).lines
    wish = {line.id: ticks for line in lines} if isinstance(ticks, bool) else ticks
    changed = write_back([("L.md", data)], wish)
    return changed[0].data if changed else data


@pytest.mark.parametrize(
    ("unticked", "ticked"),
    [
        ("- [ ] A", "- [x] A"),
        ("* [ ] A", "* [x] A"),
        ("+ [ ] A", "+ [x] A"),
        ("1. [ ] A", "1. [x] A"),
        ("- [ ] A\n  - [ ] B", "- [x] A\n  - [x] B"),
        ("```\n[ ] A\n[ ] B\n```", "```\n[x] A\n[x] B\n```"),
        ("- ⬜ A", "- ✅ A"),
        ("⬜ A", "✅ A"),
        ("- ☐ A", "- ☑ A"),
        ("| a | b |\n|---|---|\n| [ ] | A |", "| a | b |\n|---|---|\n| [x] | A |"),
        ("- <input type=checkbox> A", "- <input type=checkbox checked> A"),
        ('- <input type="checkbox"/> A', '- <input type="checkbox" checked/> A'),
        ("- [ ] A ✅ COMPLETED", "- [x] A ✅ COMPLETED"),
        ("# A [x]\n\n- [ ] **A** `[ ]` [x](y)", "# A [x]\n\n- [x] **A** `[ ]` [x](y)"),
        ("# [ ] A\n\ntext [ ]", "# [x] A\n\ntext [ ]"),
        ("- [ ] A\r\n- [ ] B\r\n", "- [x] A\r\n- [x] B\r\n"),
        ("\ufeff- [ ] A", "\ufeff- [x] A"),
        ("- [ ] Готово\u2028x", "- [x] Готово\u2028x"),
    ],
)  # fmt: skip
def test_every_form_of_box_is_set_and_taken_back(unticked: str, ticked: str) -> None:
    assert written(unticked.encode(), ticks=True) == ticked.encode()
    assert written(ticked.encode(), ticks=False) == unticked.encode()
    assert written(ticked.encode(), ticks=True) == ticked.encode()
    assert written(unticked.encode(), ticks=False) == unticked.encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [X] A", "- [ ] A"),
        ("- [✓] A", "- [ ] A"),
        ("- ✔️ A", "- ☐ A"),
        ("- ☑️ A", "- ☐ A"),
        ("| a | ok |\n|---|---|\n| A | ✓ |", "| a | ok |\n|---|---|\n| A | ✗ |"),
        ('- <input checked="checked" type="checkbox"> A', '- <input type="checkbox"> A'),
    ],
)
def test_other_ticks_go_too(before: str, after: str) -> None:
    assert written(before.encode(), ticks=False) == after.encode()


@pytest.mark.parametrize(
    ("unticked", "ticked"),
    [
        (
            '- <input type="checkbox" title="to be checked by ops"> A',
            '- <input type="checkbox" title="to be checked by ops" checked> A',
        ),
        (
            '- <input title="a > b" type=checkbox> A',
            '- <input title="a > b" type=checkbox checked> A',
        ),
        (
            "- <input title='is checked=\"no\" ' type='checkbox' /> A",
            "- <input title='is checked=\"no\" ' type='checkbox' checked /> A",
        ),
        (
            "- <input data-checked type=checkbox :checked=x> A",
            "- <input data-checked type=checkbox :checked=x checked> A",
        ),
        ("- <input type=checkbox/> A", "- <input type=checkbox checked/> A"),
        (
            "- <input title=checked type=checkbox> A",
            "- <input title=checked type=checkbox checked> A",
        ),
    ],
)  # fmt: skip
def test_only_the_attribute_of_a_box_is_read_and_touched(unticked: str, ticked: str) -> None:
    lines = [read_checklists([("L.md", one.encode())]).lines for one in (unticked, ticked)]
    assert [[(one.text, one.ticked) for one in each] for each in lines] == [
        [("A", False)], [("A", True)],
    ]  # fmt: skip
    assert written(unticked.encode(), ticks=True) == ticked.encode()
    assert written(ticked.encode(), ticks=False) == unticked.encode()


def test_an_attribute_that_goes_joins_no_others() -> None:
    before = '- <input checked=""type="checkbox"> A'
    assert written(before.encode(), ticks=False) == b'- <input type="checkbox"> A'


def test_what_only_speaks_of_a_checkbox_is_none() -> None:
    for tag in (
        '<input title="type=checkbox">',
        "<input data-type=checkbox>",
        "<input-x checkbox>",
    ):
        assert read_checklists([("L.md", f"{tag} A".encode())]).lines == ()


@pytest.mark.parametrize("before", ["- ❌ A", "- 🔲 A", "- ❎ A"])
def test_other_empty_boxes_are_ticked(before: str) -> None:
    assert written(before.encode(), ticks=True) == "- ✅ A".encode()


@pytest.mark.parametrize("codec", ["cp1252", "cp1254", "mac_roman"])
def test_a_box_that_went_through_a_wrong_encoding_comes_back_in_the_same(codec: str) -> None:
    def damaged(text: str) -> bytes:
        return text.encode().decode(codec).encode()

    unticked, ticked = damaged("## Ready\n\n- ⬜ One\n"), damaged("## Ready\n\n- ✅ One\n")
    assert written(ticked, ticks=False) == unticked
    assert written(unticked, ticks=True) == ticked


def test_in_a_fence_a_box_stays_one_that_is_read() -> None:
    assert written("```\n⬜ A\n```".encode(), ticks=True) == "```\n☑ A\n```".encode()
    assert written("```\n☑ A\n```".encode(), ticks=False) == "```\n☐ A\n```".encode()


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    data = b"\xff junk\n- [ ] A \xe9\n\xe9\n"
    assert written(data, ticks=True) == b"\xff junk\n- [x] A \xe9\n\xe9\n"


def test_only_what_is_wanted_changes_and_is_named() -> None:
    data = b"- [ ] A\n- [x] B\n- [x] C\n- [ ] D\n"
    (one,) = write_back([("L.md", data)], {"a": True, "b": False, "c": True, "zzz": True})
    assert (one.data, one.ticked, one.unticked) == (
        b"- [x] A\n- [ ] B\n- [x] C\n- [ ] D\n", ("a",), ("b",),
    )  # fmt: skip
    assert write_back([("L.md", data)], {"b": True}) == ()


def test_ids_are_unique_over_all_files_and_each_file_is_written_by_itself() -> None:
    one, other = b"- [ ] Same\n", b"- [ ] Same\n- [ ] Other\n"
    changed = write_back([("1.md", one), ("2.md", other)], {"same-2": True})
    assert [(file.path, file.data) for file in changed] == [("2.md", b"- [x] Same\n- [ ] Other\n")]


def test_only_what_passed_or_failed_is_written() -> None:
    def result(outcome: Outcome) -> ItemResult:
        return ItemResult(
            id=outcome.value,
            title="",
            half=Half.CHECKS,
            check="http",
            outcome=outcome,
            error_class=ErrorClass.INTERNAL if outcome is Outcome.ERROR else None,
            skipped_by=SkippedBy.STAGE if outcome is Outcome.SKIPPED else None,
        )

    assert wanted(map(result, Outcome)) == {"passed": True, "failed": False}


def test_a_mark_that_is_no_box_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'%%' is no box"):
        marked(Box(BoxForm.ICON, 0, "%%"), ticked=True)


WORDS = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=20),
    st.lists(
        st.sampled_from(["checked", " ", ">", "<", "'", '"', "=", "/", "type=checkbox", "no"]),
        max_size=6,
    ).map("".join),
)
FORMS = st.sampled_from(
    ["- [ ] {}", "* [x] {}", "1. [ ] {}", "[ ] {}", "- ✅ {}", "⬜ {}", "  - [X] {}", "{}", "# {}",
     '- <input type=checkbox title="{}"> A', "- <input title='{}' checked type='checkbox'/> B",
     '- <input type="checkbox" data-x="> {}" checked="checked"> C',
     "```", "| [ ] | {} |", "|---|---|", "- <input type=checkbox> {}", "<!-- {}", "> - [ ] {}"]
)  # fmt: skip


@given(
    st.lists(st.tuples(FORMS, WORDS), max_size=8),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_whatever_is_written_back_is_read_again_with_the_same_ids_and_only_boxes_changed(
    drawn: list[tuple[str, str]], end: str, ticks: list[bool]
) -> None:
    data = end.join(form.format(words) for form, words in drawn).encode()
    try:
        before = read_checklists([("L.md", data)]).lines
    except ConfigurationError:
        return
    wish = {line.id: tick for line, tick in zip(before, ticks, strict=False)}
    try:
        after = written(data, wish)
    except ConfigurationError:
        return  # refused rather than written into something else
    again = read_checklists([("L.md", after)]).lines
    assert [line.id for line in again] == [line.id for line in before]
    for line in again:
        if line.box is not None and line.id in wish:
            assert line.ticked is wish[line.id]
    assert _without(before, data) == _without(again, after)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["- [ ] {}", "* [x] {}", "1. [ ] {}", "- ✅ {}", "- [X] **{}**"]),
            st.from_regex("[a-zж-я]{1,9}( [a-zж-я]{1,9}){0,3}", fullmatch=True),
        ),
        max_size=8,
    ),
    st.sampled_from(["\n\n", "\r\n\r\n"]),
    st.lists(st.booleans(), min_size=8, max_size=8),
)  # fmt: skip
def test_a_plain_list_is_never_refused(
    drawn: list[tuple[str, str]], end: str, ticks: list[bool]
) -> None:
    data = end.join(form.format(words) for form, words in drawn).encode()
    before = read_checklists([("L.md", data)]).lines
    wish = {line.id: tick for line, tick in zip(before, ticks, strict=False)}
    again = read_checklists([("L.md", written(data, wish))]).lines
    assert {line.id: line.ticked for line in again} == wish
    assert len(again) == len(drawn)


def _without(lines: object, data: bytes) -> bytes:
    """The file with its boxes cut out."""
    parts, at = [], 0
    boxes = sorted(
        (line.box for line in lines if line.box is not None),  # type: ignore[attr-defined]
        key=lambda box: box.start,
    )
    for box in boxes:
        parts.append(data[at : box.start])
        at = box.start + len(box.mark.encode(errors="surrogateescape"))
    return b"".join([*parts, data[at:]])


ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from(["title", "data-checked", "aria-label", "value", "disabled"]),
        st.sampled_from(['"', "'"]),
        st.lists(
            st.sampled_from(["checked", " ", ">", "=", "/", "/>", "type=checkbox", " checked "]),
            max_size=5,
        ).map("".join),
    ),
    max_size=4,
)


@given(ATTRIBUTES, st.sampled_from(["", " ", " /", "/"]), st.booleans(), st.integers(0, 4))
def test_of_an_input_only_the_attribute_checked_is_read_and_written(
    drawn: list[tuple[str, str, str]], end: str, ticked: bool, place: int
) -> None:
    others = [f" {name}={quote}{text}{quote}" for name, quote, text in drawn]
    others.insert(place, ' type="checkbox"')
    bare = f"- <input{''.join(others)}{end}> Words\n".encode()
    checked = f"- <input{''.join(others)} checked{end}> Words\n".encode()
    (line,) = read_checklists([("L.md", checked if ticked else bare)]).lines
    assert (line.text, line.ticked) == ("Words", ticked)
    assert written(bare, ticks=True) == checked
    assert written(checked, ticks=False) == bare
