"""Any Markdown is read: nothing stops it, every box is found once, the work is linear."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.errors import ConfigurationError
from tests.checklist.counted import calls


@dataclass
class Written:
    """A file as it grows, and the boxes that a reader finds in it."""

    lines: list[str] = field(default_factory=list)
    boxes: list[tuple[int, str, bool]] = field(default_factory=list)
    count: int = 0

    def box(self, before: str, mark: str, ticked: bool, after: str = "") -> None:
        self.count += 1
        text = f"item number {self.count} holds"
        self.boxes.append((len(self.lines) + 1, text, ticked))
        self.lines.append(f"{before}{mark} {text}{after}")


def block(kind: str, written: Written, ticked: bool) -> None:
    """Write one block of a kind with a box or two, or with what looks like one."""
    square = "[x]" if ticked else "[ ]"
    match kind:
        case "list":
            written.box("- ", square, ticked)
            written.box("  - ", square, ticked)
            written.lines.append("  - an option")
        case "star" | "plus":
            written.box("* " if kind == "star" else "+ ", square.upper(), ticked)
        case "numbered":
            written.box("1. ", square, ticked)
            written.box("2. ", square, ticked)
        case "fence":
            written.lines.append("```bash")
            written.box("", square, ticked)
            written.lines.append("    make check")
            written.box("- ", square, ticked)
            written.lines.append("```")
        case "icon":
            written.box("- ", "✅" if ticked else "❌", ticked)
        case "paper":
            written.box("", "☑" if ticked else "⬜", ticked)
        case "table":
            written.lines += ["| Item | Status |", "|---|---|"]
            written.count += 1
            text = f"item number {written.count} holds"
            written.boxes.append((len(written.lines) + 1, text, ticked))
            written.lines.append(f"| {text} | {'✅' if ticked else '🔲'} |")
        case "input":
            written.box(f"<input type=checkbox {'checked' if ticked else ''}>", "", ticked)
        case "quote":
            written.box("> - ", square, ticked)
        case "bold":
            written.box("- ", square, ticked, " **Bold** `code` [link](https://example.org)")
            line, text, _ = written.boxes[-1]
            written.boxes[-1] = (line, f"{text} Bold code link", ticked)
            written.lines.append("  - **Problem:** none")
        case "hidden":
            written.lines += ["<!--", "- [ ] not this one", "-->"]
        case "heading":
            written.lines.append("## ✅ A section of 80%")
        case "link":
            written.lines.append("- [x](https://example.org) and [ ](a)")
        case "words":
            written.lines += ["Some words.", "1. ✅ **Celebrate**"]


KINDS = [
    "list", "star", "plus", "numbered", "fence", "icon", "paper", "table", "input", "quote",
    "bold", "hidden", "heading", "link", "words",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), max_size=30),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_every_box_is_found_once(blocks: list[tuple[str, bool]], end: str, marked: bool) -> None:
    written = Written()
    for kind, ticked in blocks:
        block(kind, written, ticked)
        written.lines += ["", "---", ""]
    data = (("\ufeff" if marked else "") + end.join(written.lines)).encode()
    lines = read_checklists([("a.md", data)]).lines
    assert [(line.line, line.text, line.ticked) for line in lines] == written.boxes
    for line in lines:
        assert line.box is not None
        assert data[line.box.start :].startswith(line.box.mark.encode())
        assert data[: line.box.start].count(b"\n") == line.line - 1


MARKS = [
    "- [ ] ", "- [x] ", "* [x] ", "1. [ ] ", "[ ] ", "✅ ", "❌", "⬜", "```\n", "~~~\n", "# ",
    "\n",
    "\n\n", "  ", "    ", "\t", "|", "---", "|-|\n", "<!-- id: a -->", "<!--", "-->", "<pre>",
    "<details>", "<input type=checkbox>", "<input", "> ", "**Fix:** ", "`", "a", " b",
    "#1 -> #2",
    "#3 depends on #4", "Decision: ", "GO", "NO-GO", "Lead: ____ Date: ____", "< 5 ms", "80%",
    "(Phase 1)", "🔴 HIGH", "âœ…", "Ð", "\r", "\r\n", "\u2028", "\u00a0", "[Contact info]", "&amp;",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(MARKS), max_size=60).map("".join))
def test_any_markdown_is_read(text: str) -> None:
    try:
        found = read_checklists([("a.md", text.encode())])
    except ConfigurationError as error:
        assert error.message.startswith("a.md:")  # noqa: PT017 - only pins are refused
        return
    ids = [line.id for line in found.lines]
    assert len(ids) == len(set(ids))
    (document,) = found.documents
    assert document.items == found.lines
    known = set(ids)
    for line in found.lines:
        assert line.text
        assert line.parent is None or line.parent in known
        assert line.same_as is None or line.same_as in known
        if line.box is not None:
            assert text.encode()[line.box.start :].startswith(line.box.mark.encode())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), max_size=12), st.randoms())
def test_ids_do_not_depend_on_the_order_of_the_lines(words: list[str], numbers: object) -> None:
    texts = list(dict.fromkeys(words))
    turned = sorted(texts)
    ids = [
        {line.text: line.id for line in read_checklists([("a.md", _list(one))]).lines}
        for one in (texts, turned)
    ]
    assert ids[0] == ids[1]


def _list(texts: list[str]) -> bytes:
    return "".join(f"- [ ] {text} works\n" for text in texts).encode()


@pytest.mark.parametrize(
    "part",
    [
        "- [ ] Item {} answers in < 200ms (Phase 1)\n",
        "## Section {}\n\n- [x] One\n  - **Fix:** run `make check`\n  - option\n\n",
        "```bash\n[ ] Item {}\n    make check\n```\n",
        "| Item | Status |\n|---|---|\n| Item {} | ✅ |\n\n",
        "✅ Item {}\n",
        "<input type=checkbox> Item {}",
        "<!-- {}\n\n",
        "#{} -> #1 depends on #2 [Contact info]\n\n",
        "- [ ] same\n",
    ],
)
def test_the_work_grows_as_the_file_does(part: str) -> None:
    once, twice = (calls("".join(part.format(at) for at in range(count))) for count in (100, 200))
    assert twice < 2.2 * once
