"""The report inside an artifact that an untrusted run uploaded: hostile until it is read. Pure.

One member of one name, sizes and ratio judged before anything is unpacked, nothing on a disk,
strict JSON, strict schema (notes on security S-06). What it says is still the run's own claim.
"""

import io
import json
import math
import stat
import zipfile
import zlib
from typing import Any, NoReturn

from pydantic import ValidationError

from readiness_gate.errors import GateError
from readiness_gate.model.report import Report
from readiness_gate.report.escape import one_line

MEMBER = "report.json"
PACKED_CAP = 8 * 1024 * 1024
"""Bytes of the zip."""
EXPANDED_CAP = 24 * 1024 * 1024
"""Bytes of the report."""
RATIO_CAP = 200
"""How many times larger than packed the report may be; repeated lines of JSON come to 60."""
DEPTH_CAP = 12
VALUES_CAP = 400_000
"""Values in the whole report, those inside of others included."""
LIST_CAP = 20_000
ITEMS_CAP = 2_000
TEXT_CAP = 80_000
"""Characters of one text; the gate writes 65,537 at most."""
_WHOLE_NUMBER = 2**53
_MODES = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1


class ArtifactRefused(GateError):  # noqa: N818 - the fact is the name
    """The artifact is not what the gate uploads; nothing of it is used."""


def read_report(packed: bytes) -> Report:
    """Return the report inside the zip of an artifact.

    Raises:
        ArtifactRefused: it is larger, deeper or otherwise than a report of this gate.
    """
    return parse_report(_member(packed))


def _member(packed: bytes) -> bytes:
    if len(packed) > PACKED_CAP:
        raise ArtifactRefused(f"the artifact is larger than {PACKED_CAP} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            only = _only(archive)
            with archive.open(only) as member:
                text = member.read(EXPANDED_CAP + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        OverflowError,
    ) as error:
        raise ArtifactRefused(f"the artifact is no zip: {one_line(str(error), 120)}") from error
    if len(text) > EXPANDED_CAP:
        raise ArtifactRefused(f"{MEMBER} is larger than {EXPANDED_CAP} bytes")
    if len(text) != only.file_size:
        raise ArtifactRefused(f"{MEMBER} is not as long as the artifact says")
    return text


def _only(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = archive.infolist()
    # Python cuts a name at a NUL; the whole one counts.
    if [one.orig_filename for one in members] != [MEMBER]:
        raise ArtifactRefused(
            f"the artifact holds {len(members)} files that are not {MEMBER} alone",
            advice=f"Upload {MEMBER} of the report folder, and nothing beside it.",
        )
    (only,) = members
    mode = only.external_attr >> 16
    if only.is_dir() or (mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG}):
        raise ArtifactRefused(f"{MEMBER} in the artifact is no file")
    if only.flag_bits & _ENCRYPTED or only.compress_type not in _MODES:
        raise ArtifactRefused(f"{MEMBER} in the artifact is packed in another way")
    if only.file_size > EXPANDED_CAP:
        raise ArtifactRefused(f"{MEMBER} is larger than {EXPANDED_CAP} bytes")
    if only.file_size > RATIO_CAP * max(only.compress_size, 1):
        raise ArtifactRefused(f"{MEMBER} unpacks to more than {RATIO_CAP} times its size")
    return only


def parse_report(text: bytes) -> Report:
    """Return the report of a `report.json` that somebody else wrote.

    Raises:
        ArtifactRefused: naming the first thing that is not as the gate writes it.
    """
    try:
        decoded = text.decode("utf-8")
        data = json.loads(
            decoded,
            object_pairs_hook=_without_repeats,
            parse_int=_whole_number,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
        _Bounds().look(data, 0)
        report = Report.model_validate_json(decoded, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = one_line(".".join(map(str, first["loc"])), 80)
        raise ArtifactRefused(
            f"{MEMBER} is not of this gate's schema: {place}: {one_line(first['msg'], 80)}",
            advice="Use the same release of the gate in both workflows.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise ArtifactRefused(f"{MEMBER} is refused: {one_line(str(error), 120)}") from error
    if len(report.items) > ITEMS_CAP:
        raise ArtifactRefused(f"{MEMBER} has more than {ITEMS_CAP} items")
    return report


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _whole_number(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > _WHOLE_NUMBER:
        raise ValueError("a number is too large")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number is not finite")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


class _Bounds:
    """Counts what is in a parsed document, before any model is made of it."""

    def __init__(self) -> None:
        self._values = 0

    def look(self, value: Any, depth: int) -> None:
        self._values += 1
        if self._values > VALUES_CAP:
            raise ValueError(f"there are more than {VALUES_CAP} values")
        if depth > DEPTH_CAP:
            raise ValueError(f"it is nested deeper than {DEPTH_CAP} levels")
        if isinstance(value, str):
            if len(value) > TEXT_CAP:
                raise ValueError(f"a text has more than {TEXT_CAP} characters")
            value.encode("utf-8")  # half a surrogate pair is no text
        elif isinstance(value, list):
            if len(value) > LIST_CAP:
                raise ValueError(f"a list has more than {LIST_CAP} entries")
            for one in value:
                self.look(one, depth + 1)
        elif isinstance(value, dict):
            for key, one in value.items():
                self.look(key, depth + 1)
                self.look(one, depth + 1)
