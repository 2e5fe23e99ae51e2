from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.resp import NotRedis, RedisRefusal, Replies, Reply, command


def read(data: bytes, size: int = 3) -> Reply:
    """Read one reply out of a stream that comes in small parts."""
    parts: Iterator[bytes] = (data[at : at + size] for at in range(0, len(data), size))
    return Replies(lambda: next(parts, b"")).read()


def test_a_command_is_written_with_its_lengths_in_bytes() -> None:
    assert command(["GET", "\u00e9"]) == b"*2\r\n$3\r\nGET\r\n$2\r\n\xc3\xa9\r\n"


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"+OK\r\n", "OK"),
        (b":-2\r\n", -2),
        (b"$5\r\na\r\nbc\r\n", "a\r\nbc"),
        (b"$0\r\n\r\n", ""),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"*0\r\n", []),
        (b"*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n", ["0", ["k"]]),
        (b"$1\r\n\xff\r\n", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_replies_are_read(data: bytes, reply: Reply) -> None:
    assert read(data) == reply
    assert read(data, 1000) == reply


def test_an_error_is_raised_in_the_server_s_words() -> None:
    with pytest.raises(RedisRefusal, match="NOAUTH Authentication required"):
        read(b"-NOAUTH Authentication required.\r\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"+OK",
        b"$5\r\nab",
        b"$1\r\nabc",
        b"$x\r\n",
        b"?\r\n",
        b"*1\r\n" * 9 + b"+x\r\n",
        b"$9999999999\r\n",
        b"*9999999\r\n",
        b"+" + b"x" * 70_000,
        b":99999999999999999999\r\n",
    ],
)
def test_what_is_no_reply_or_too_long(data: bytes) -> None:
    with pytest.raises(NotRedis):
        read(data, 1000)


@given(st.binary(max_size=100))
def test_any_bytes_are_a_reply_or_none(data: bytes) -> None:
    try:
        read(data)
    except (NotRedis, RedisRefusal):
        return
