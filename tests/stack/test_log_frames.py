from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.stack.facts import LINE_LIMIT
from readiness_gate.stack.log_frames import Times, framed_lines, plain_lines, terminal_lines

STAMP = b"2026-11-22T20:00:00.123456789Z"
AT = 1_795_377_600.123456789


def frame(text: bytes, source: int = 1, stamp: bytes = STAMP) -> bytes:
    message = stamp + b" " + text
    return bytes([source, 0, 0, 0]) + len(message).to_bytes(4, "big") + message


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("size", [1, 7, 8, 9, 40, 10_000])
def test_frames_are_lines_wherever_the_pieces_end(size: int) -> None:
    data = frame(b"one\n") + frame(b"two\r\n", 2) + frame(b"\n") + frame("drei ß".encode())
    lines = list(framed_lines(pieces(data, size)))
    assert [text for _, text, _ in lines] == ["one", "two", "", "drei ß"]
    assert all(at == pytest.approx(AT) and not cut for at, _, cut in lines)


def test_a_long_line_is_put_together_out_of_its_frames_and_keeps_its_first_time() -> None:
    later = b"2026-11-22T20:00:09Z"
    parts = [frame(b"a" * 10), frame(b"other\n", 2), frame(b"b" * 10, stamp=later)]
    lines = list(framed_lines([*parts, frame(b"c\n", stamp=later)]))
    assert [text for _, text, _ in lines] == ["other", "a" * 10 + "b" * 10 + "c"]
    assert lines[1][0] == pytest.approx(AT)


def test_a_line_without_end_is_cut_and_says_so() -> None:
    many = (frame(b"x" * 16_384) for _ in range(64))
    (line,) = framed_lines(many)
    assert (len(line[1]), line[2]) == (LINE_LIMIT, True)
    plain = plain_lines(b"y" * 65_536 for _ in range(16))
    assert [(len(text), cut) for _, text, cut in plain] == [(LINE_LIMIT, True)]


@pytest.mark.parametrize(
    "data", [b"plain text of a terminal\n", frame(b"cut off")[:-2], b"\x01\0\0\0\xff\xff\xff\xff"]
)
def test_what_is_no_stream_of_frames_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match="log"):
        list(framed_lines([data]))


def test_a_terminal_has_lines_without_frames() -> None:
    data = STAMP + b" one\r\n" + STAMP + b" \x1b[31mtwo\x1b[0m\r\n"
    assert [text for _, text, _ in terminal_lines(pieces(data, 5))] == ["one", "\x1b[31mtwo\x1b[0m"]


@given(st.lists(st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"]))))
def test_every_line_comes_back(texts: list[str]) -> None:
    data = b"".join(frame(text.encode() + b"\n") for text in texts)
    assert [text for _, text, _ in framed_lines(pieces(data, 11))] == texts
    plain = b"".join(text.encode() + b"\n" for text in texts)
    assert [text for _, text, _ in plain_lines(pieces(plain, 11))] == texts


@pytest.mark.parametrize(
    ("stamp", "unix"),
    [
        (b"1970-01-01T00:00:01.5Z", 1.5),
        (b"1970-01-01T00:00:02Z", 2.0),
        (b"yesterday", 0.0),
        (b"", 0.0),
    ],
)
def test_time_stamps_are_read_or_are_nothing(stamp: bytes, unix: float) -> None:
    assert Times().unix(stamp) == unix
