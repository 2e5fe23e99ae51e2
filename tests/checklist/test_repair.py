# ruff: noqa: RUF001 - letters that look alike are the point here
"""What went through a wrong encoding is put back where that is certain, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.checklist.ids import item_id
from readiness_gate.checklist.markdown import read_checklists
from readiness_gate.checklist.repair import decode, readable, repaired
from readiness_gate.errors import ConfigurationError

CODECS = ("cp1252", "cp1254", "mac_roman")


def damaged(text: str, codec: str) -> str:
    """The text as software shows it that takes its UTF-8 for another encoding."""
    undefined = {0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E} if codec != "mac_roman" else set()
    return "".join(
        chr(byte) if byte in undefined else bytes([byte]).decode(codec) for byte in text.encode()
    )


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    "text",
    [
        "✅ Готово",
        "🔐 Безопасность – данные",
        "naïve cafés, déjà vu",
        "→ “quoted” …",
        "☑ Größe geprüft",
        "数据库已备份",
        "مراقبة",
    ],
)
def test_what_was_damaged_once_is_put_back(text: str, codec: str) -> None:
    assert damaged(text, codec) != text
    assert repaired(damaged(text, codec)) == text


@pytest.mark.parametrize(
    "text",
    [
        "«CAFÉ»",
        "« prouvé »",
        "l’été, l’école d’œuvre",
        "“école” – ‘été’",
        "oui—à demain",
        "«MANHû.",
        "„Spaß“ und „Grüße“",
        "Straße, Übung, Äpfel, Ärger…",
        "≈±5 %, 20 °C, §5",
        "Ні, дякую",
        "ŞİRKET ĞÜÇ ığdır",
        "«ESPAÑA», «Ñ»",
        "Łódź łączy się",
        "数据库 データ データベース",
        "naïve déjà à la carte",
        "Ça va ? Ô là là !",
        "Æ Ø Å — æ ø å",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text
    assert readable(text) == text


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_latin_letters_are_never_taken_for_another_script(text: str) -> None:
    assert repaired(text).isascii() == text.isascii()


@given(st.text())
def test_runs_of_ascii_and_breaks_of_lines_stay(text: str) -> None:
    found = repaired(text)
    assert [part for part in found if part.isascii()] == [part for part in text if part.isascii()]
    assert len(found.splitlines()) == len(text.splitlines())


def test_a_lost_icon_is_no_word_and_a_word_is_no_icon() -> None:
    assert repaired("## ğŸ Support") == "## \N{REPLACEMENT CHARACTER} Support"
    assert repaired("câ»") == "câ»"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Γ£à ready", "✅ ready"),
        ("РџСЂРёРІРµС‚ РјРёСЂ", "Привет мир"),
        ("l’été", "l’été"),
        ("plain", "plain"),
    ],
)
def test_people_see_what_other_codecs_did_put_right(text: str, shown: str) -> None:
    assert readable(repaired(text)) == shown


def test_ids_and_boxes_do_not_depend_on_what_people_are_shown() -> None:
    (line,) = read_checklists([("a.md", "- [ ] РџСЂРёРІРµС‚ РјРёСЂ".encode())]).lines
    assert line.text == "Привет мир"
    assert line.id == item_id("РџСЂРёРІРµС‚ РјРёСЂ") != item_id("Привет мир")
    assert not read_checklists([("a.md", "Γ£à ready".encode())]).lines


@pytest.mark.parametrize("codec", CODECS)
def test_ids_are_those_of_the_file_that_was_never_damaged(codec: str) -> None:
    text = "# Список\n- [ ] Данные – чистые\n- ✅ Größe geprüft\n"
    ids = [
        [line.id for line in read_checklists([("a.md", one.encode())]).lines]
        for one in (text, damaged(text, codec))
    ]
    assert ids[0] == ids[1] == ["dannye-chistye", "grosse-gepruft"]


def test_a_box_is_at_its_place_also_in_a_damaged_line() -> None:
    data = ("\ufeff# A\r\n- " + damaged("✅ Данные", "cp1252") + "\r\n").encode()
    (line,) = read_checklists([("a.md", data)]).lines
    assert line.box is not None
    assert line.box.mark == damaged("✅", "cp1252")
    assert data[line.box.start :].startswith(line.box.mark.encode())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe-\0 \0[\0", "docs/A.md: is UTF-16"),
        (b"- [ ] a\n\x89PNG\0\0", "docs/A.md:2: has a zero byte, it is no text"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(data: bytes, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        decode(data, name="docs/A.md")
    assert caught.value.message == reason


def test_bytes_that_nothing_repairs_stay_and_are_counted() -> None:
    found = read_checklists([("a.md", "- [x] прод готов\n- [ ] fine\n".encode("cp1251"))])
    assert [line.ticked for line in found.lines] == [True, False]
    assert found.warnings == ("a.md: 9 places are not UTF-8",)
