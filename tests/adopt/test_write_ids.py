"""Ids pinned in the Markdown: the id stays when the words change, and no other byte does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.adopt.reading import read
from readiness_gate.adopt.write_ids import with_ids

FORMS = """# L

- [ ] CORS is **restricted**
* [x] TLS
1. [ ] DNS <!-- id: names -->

```bash
[ ] Backups run
```

✅ Metrics are exposed

- ✅ Done already
  over two lines
"""


def pinned(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    return with_ids("L.md", data, read([("L.md", data)]).items)


def ids_of(data: bytes) -> list[tuple[str, str]]:
    return [(item.id, item.text) for item in read([("L.md", data)]).items]


def test_every_form_of_a_line_keeps_its_id_and_its_words() -> None:
    before = FORMS.encode()
    after, left = pinned(before)
    assert left == ()
    assert ids_of(after) == ids_of(before)
    assert all(item.pinned for item in read([("L.md", after)]).items)
    assert b"- [ ] CORS is **restricted** <!-- id: cors-is-restricted -->\n" in after


def test_a_second_time_changes_nothing() -> None:
    after, _ = pinned(FORMS.encode())
    assert pinned(after) == (after, ())


@pytest.mark.parametrize("form", ["\r\n", "\n"])
def test_line_ends_and_a_byte_order_mark_stay(form: str) -> None:
    before = b"\xef\xbb\xbf" + FORMS.replace("\n", form).encode()
    after, _ = pinned(before)
    assert after.startswith(b"\xef\xbb\xbf# L")
    assert after.count(b"\r\n") == before.count(b"\r\n")
    assert after.count(b"\n") == before.count(b"\n")


def test_bytes_that_are_no_text_stay() -> None:
    before = b"- [ ] CORS \xff\xfe here\n\xe2\x80\xa8x\n- [ ] TLS\n"
    after, _ = pinned(before)
    assert b"CORS \xff\xfe here <!-- id:" in after
    assert ids_of(after) == ids_of(before)


def test_a_cell_of_a_table_keeps_its_id_by_its_words() -> None:
    before = b"| done | what |\n| --- | --- |\n| [ ] | CORS |\n"
    assert pinned(before) == (before, ("cors",))


def test_words_may_change_once_the_id_is_pinned() -> None:
    after, _ = pinned(b"- [ ] CORS is restricted\n")
    changed = after.replace(b"CORS is restricted", b"Only our pages read answers")
    assert ids_of(changed) == [("cors-is-restricted", "Only our pages read answers")]


@given(st.lists(st.sampled_from(FORMS.splitlines(keepends=True)), max_size=12))
def test_any_order_of_lines_keeps_its_ids(lines: list[str]) -> None:
    before = "".join(line for line in lines if "id: names" not in line).encode()
    after, _ = pinned(before)
    assert ids_of(after) == ids_of(before)
    if after != before:
        for line in before.splitlines():
            assert line.rstrip() in after
