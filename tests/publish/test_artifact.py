"""S-06: the artifact of an untrusted run, with everything that may be wrong about it."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.publish import artifact
from readiness_gate.publish.artifact import ArtifactRefused, parse_report, read_report
from readiness_gate.report.json_report import to_json
from tests.report.builders import item, report

GOOD = to_json(report(item("readme"), item("licence"))).encode()
Json = dict[str, Any]


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


def typed(mode: int, *, name: str = "report.json", content: bytes = GOOD) -> bytes:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(info, content)
    return data.getvalue()


def patched(offset: int, value: bytes) -> bytes:
    """A zip whose directory says something else of its member."""
    data = bytearray(packed(("report.json", GOOD), method=zipfile.ZIP_STORED))
    at = data.rindex(b"PK\x01\x02") + offset
    data[at : at + len(value)] = value
    return bytes(data)


def test_s06_what_the_gate_writes_is_read_as_it_was() -> None:
    assert read_report(packed(("report.json", GOOD))) == report(item("readme"), item("licence"))
    assert read_report(typed(0o100644)) == read_report(typed(0))


ZIPS: dict[str, bytes] = {
    "not a zip": b"<html>",
    "nothing at all": b"",
    "empty": packed(),
    "cut off": packed(("report.json", GOOD))[:-30],
    "traversal": packed(("../report.json", GOOD)),
    "absolute": packed(("/report.json", GOOD)),
    "in a folder": packed(("readiness-report/report.json", GOOD)),
    "of another case": packed(("Report.json", GOOD)),
    "another file beside it": packed(("report.json", GOOD), ("comment.md", b"x")),
    "a traversal beside it": packed(("report.json", GOOD), ("../../etc/passwd", b"x")),
    "the name twice": packed(("report.json", GOOD), ("report.jsoo", GOOD)).replace(
        b"report.jsoo", b"report.json"
    ),
    "a NUL in the name": packed(("report.jsonXX", GOOD)).replace(b"jsonXX", b"json\0X"),
    "a folder": packed(("report.json/", b"")),
    "a symbolic link": typed(0o120777, content=b"/proc/self/environ"),
    "a device": typed(0o020666),
    "a fifo": typed(0o010666),
    "a directory's mode": typed(0o040755),
    "a bomb by ratio": packed(("report.json", b" " * 2_000_000)),
    "a bomb by size": packed(("report.json", b" " * (artifact.EXPANDED_CAP + 1))),
    "packed with bzip2": packed(("report.json", GOOD), method=zipfile.ZIP_BZIP2),
    "packed with lzma": packed(("report.json", GOOD), method=zipfile.ZIP_LZMA),
    "encrypted": patched(8, b"\x01\x00"),
    "said to be shorter": patched(24, (10).to_bytes(4, "little")),
    "said to be longer": patched(24, (len(GOOD) * 2).to_bytes(4, "little")),
    "said to be huge": patched(24, (2**31).to_bytes(4, "little")),
    "another name inside": patched(46, b"report.jso_"),
    "too large as it is": b"PK\x03\x04" + b"x" * artifact.PACKED_CAP,
}


@pytest.mark.parametrize("name", ZIPS)
def test_s06_a_zip_that_is_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ArtifactRefused):
        read_report(ZIPS[name])


def change(**changed: Any) -> Callable[[Json], Any]:
    return lambda data: data | changed


def of_item(**changed: Any) -> Callable[[Json], Any]:
    return lambda data: data | {"items": [data["items"][0] | changed]}


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


REPORTS: dict[str, Callable[[Json], Any]] = {
    "a list": lambda data: [data],
    "a text": lambda data: "report",
    "an unknown key": change(approved=True),
    "an unknown key of an item": of_item(approved=True),
    "a schema to come": change(**{"schema-version": 2}),
    "an unknown verdict": change(verdict="fine"),
    "an unknown outcome": of_item(outcome="fine"),
    "an error without its class": of_item(outcome="error"),
    "a number as text": of_item(**{"duration-ms": "12"}),
    "a truth as number": of_item(blocking=1),
    "a huge number": of_item(**{"duration-ms": 10**30}),
    "a number beyond JSON's": of_item(**{"duration-ms": 2**53 + 1}),
    "not a number": of_item(**{"duration-ms": float("nan")}),
    "without end": of_item(**{"duration-ms": float("inf")}),
    "half a surrogate": of_item(summary="\ud800"),
    "half a surrogate as a key": change(versions={"\udfff": "1"}),
    "a text too long": of_item(summary="x" * (artifact.TEXT_CAP + 1)),
    "a list too long": change(notes=["x"] * (artifact.LIST_CAP + 1)),
    "too many items": lambda data: (
        data
        | {"items": [data["items"][0] | {"id": f"x{n}"} for n in range(artifact.ITEMS_CAP + 1)]}
    ),
    "too deep": change(notes=nested(artifact.DEPTH_CAP + 1)),
    "no items": lambda data: {key: one for key, one in data.items() if key != "items"},
}


@pytest.mark.parametrize("name", REPORTS)
def test_s06_a_report_that_is_otherwise_is_refused(name: str) -> None:
    text = json.dumps(REPORTS[name](json.loads(GOOD))).encode()
    with pytest.raises(ArtifactRefused):
        parse_report(text)


TEXTS: dict[str, bytes] = {
    "no JSON": b"{",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a raw NUL": GOOD.replace(b"readme", b"read\0me"),
    "nested too deep to read": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "a key twice": GOOD.replace(b"{", b'{"verdict": "ready", ', 1),
    "an exponent": GOOD.replace(b'"duration-ms": 0', b'"duration-ms": 1e400', 1),
    "digits without end": GOOD.replace(b'"duration-ms": 0', b'"duration-ms": ' + b"9" * 10_000, 1),
    "two documents": GOOD + GOOD,
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
}


@pytest.mark.parametrize("name", TEXTS)
def test_s06_a_text_that_is_no_report_is_refused(name: str) -> None:
    assert TEXTS[name] != GOOD
    with pytest.raises(ArtifactRefused):
        parse_report(TEXTS[name])


def test_s06_values_are_counted_before_a_model_is_made() -> None:
    many = [["x"] * 1_000 for _ in range(artifact.VALUES_CAP // 1_000 + 1)]
    with pytest.raises(ArtifactRefused, match="values"):
        parse_report(json.dumps({"notes": many}).encode())


def test_s06_the_refusal_quotes_little_of_what_it_refuses() -> None:
    data = json.loads(GOOD) | {"x" * 5_000 + "\n::error::": 1}
    with pytest.raises(ArtifactRefused) as refused:
        parse_report(json.dumps(data).encode())
    assert len(refused.value.message) < 300
    assert "\n" not in refused.value.message


@given(st.binary(max_size=400))
def test_s06_no_bytes_do_anything_but_be_refused(content: bytes) -> None:
    for read in (read_report, parse_report):
        with pytest.raises(ArtifactRefused):
            read(content)


@given(st.integers(0, len(packed(("report.json", GOOD))) - 1), st.integers(0, 255))
def test_s06_a_zip_with_one_changed_byte_is_the_same_or_refused(at: int, byte: int) -> None:
    data = bytearray(packed(("report.json", GOOD)))
    data[at] = byte
    try:
        found = read_report(bytes(data))
    except ArtifactRefused:
        return
    assert found == parse_report(GOOD)
