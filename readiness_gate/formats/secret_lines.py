"""Secrets in lines of text, by the detectors and heuristics of detect-secrets, and its baselines.

The detectors are called line by line and not through the library's own file reader: that one skips
what it cannot decode and opens paths by itself. Nothing is verified over the network.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readiness_gate.expressions import compiled

_PIECE = 4_000
_OVERLAP = 300
_HEX = "Hex High Entropy String"
_NO_SECRET = frozenset({"IPPublicDetector"})
_UNQUOTED = re.compile(
    r"[ \t]*(?:- +)?(?:export +)?[\"']?([A-Za-z_][\w.-]{0,100})[\"']?[ \t]*[:=][ \t]*"
    r"([^\s\"'#{\[|>&*!%@`$<][^\s\"'#]{2,500})[ \t]*(?:#.*)?"
)
_WORDS = re.compile(r"[A-Za-z]+(?:[-_./:][A-Za-z]+)*")
_NAMES_A_VERSION = re.compile(
    r"(?i)(?:^|[^a-z])(?:revision|revises|commit|sha(?:1|256)?|checksum|digest)[\"']?[ \t]*"
    r"(?::[^=\"']{0,80}=|[:=])[ \t]*[(\[]?[ \t]*(?:[\"'][0-9a-f]{1,64}[\"'],[ \t]*){0,9}[\"']$"
)
"""What stands before a hexadecimal text that is the name of a version: Alembic's revisions,
commits, checksums. They are no secrets, and every migration has two."""
_SETTINGS = re.compile(
    r"(?:^|/)(?:\.env[^/]*|[^/]+\.(?:ya?ml|ini|cfg|conf|cnf|properties|env|toml|tfvars))$"
)
_PATTERNS = "detect_secrets.filters.regex.should_exclude_"


@dataclass(frozen=True)
class SecretFinding:
    """One potential secret; its value is never kept."""

    line: int
    kinds: tuple[str, ...]
    """The words of its detectors, such as `AWS Access Key`; the most telling one first."""
    digest: str
    """SHA-1 of the value, as baselines hold it."""
    allowed: bool
    """Whether a `pragma: allowlist secret` stands beside it."""

    @property
    def kind(self) -> str:
        """Return the most telling word for it."""
        return self.kinds[0]


@dataclass(frozen=True)
class Baseline:
    """What a `.secrets.baseline` says: what is known, and how to look."""

    known: frozenset[tuple[str, str, str]] = frozenset()
    """Path, kind and digest; what an audit called a real secret is not among them."""
    detectors: Mapping[str, Mapping[str, Any]] | None = None
    """Names of the detectors with their settings, `None` for all."""
    exclude_files: tuple[str, ...] = ()
    exclude_lines: tuple[str, ...] = ()
    exclude_secrets: tuple[str, ...] = ()


def read_baseline(data: bytes) -> Baseline:
    """Return a baseline that detect-secrets wrote.

    Raises:
        ValueError: it is no baseline, or asks for a detector that is not part of detect-secrets.
    """
    try:
        found = json.loads(data)
        known = frozenset(
            (path, str(one["type"]), str(one["hashed_secret"]))
            for path, entries in found["results"].items()
            for one in entries
            if one.get("is_secret") is not True
        )
        detectors = {
            str(one["name"]): {key: one[key] for key in ("limit", "keyword_exclude") if key in one}
            for one in found["plugins_used"]
        }
        patterns = {str(one["path"]): one.get("pattern", ()) for one in found["filters_used"]}
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no baseline of detect-secrets: {type(error).__name__}") from None
    if not detectors:
        raise ValueError("uses no detector")
    return Baseline(
        known,
        detectors,
        *(
            tuple(str(one) for one in patterns.get(f"{_PATTERNS}{what}", ()))
            for what in ("file", "line", "secret")
        ),
    )


class SecretLines:
    """The detectors, ready to look at lines; holds no state between files."""

    def __init__(self, baseline: Baseline) -> None:
        """Build the detectors that a baseline names.

        Raises:
            ValueError: a detector or an expression of the baseline is unknown or wrong.
        """
        from detect_secrets.core.plugins.util import (  # noqa: PLC0415 - loads slowly
            get_mapping_from_secret_type_to_class,
        )
        from detect_secrets.plugins.keyword import DENYLIST  # noqa: PLC0415

        self._words = re.compile("|".join(DENYLIST), re.IGNORECASE)
        found: list[Any] = list(get_mapping_from_secret_type_to_class().values())
        classes: dict[str, Any] = {one.__name__: one for one in found}
        chosen = baseline.detectors
        if chosen is None:
            chosen = {name: {} for name in sorted(classes) if name not in _NO_SECRET}
        if unknown := sorted(chosen.keys() - classes.keys()):
            raise ValueError(f"the detector {unknown[0][:80]!r} is not part of detect-secrets")
        try:
            self._detectors = [classes[name](**given) for name, given in chosen.items()]
        except (TypeError, ValueError, re.error) as error:
            raise ValueError(f"settings of a detector are wrong: {error}") from None
        self._expressions = [_expressions(detector) for detector in self._detectors]
        self._file, self._line, self._secret = (
            _searcher(patterns)
            for patterns in (
                baseline.exclude_files,
                baseline.exclude_lines,
                baseline.exclude_secrets,
            )
        )

    def leaves_out(self, path: str) -> bool:
        """Return whether files of this name are not looked at: lock files, pictures, excluded."""
        from detect_secrets.filters import heuristic  # noqa: PLC0415

        return bool(
            self._file(path) or heuristic.is_non_text_file(path) or heuristic.is_lock_file(path)
        )

    def find(self, path: str, lines: Iterable[tuple[int, str]]) -> Iterator[SecretFinding]:
        """Yield what is found in numbered lines of a file, each finding of a line once."""
        before = (0, "")
        settings = _SETTINGS.search(path) is not None
        numbered = list(lines)
        likely = self._likely("\n".join(line for _, line in numbered), settings=settings)
        for number, line in numbered:
            if line and not line.isspace():
                previous = before[1] if before[0] == number - 1 else ""
                yield from self._in_line(
                    path, number, line.rstrip(), previous, likely, settings=settings
                )
            before = (number, line)

    def _likely(self, text: str, *, settings: bool) -> Sequence[Any]:
        """Return the detectors that can find something in a text.

        Most are expressions for one form of token that hardly any file holds.
        """
        if settings:  # lines are looked at in a second form too
            return self._detectors
        return [
            detector
            for detector, expressions in zip(self._detectors, self._expressions, strict=True)
            if expressions is None or any(one.search(text) for one in expressions)
        ]

    def _in_line(
        self,
        path: str,
        number: int,
        line: str,
        previous: str,
        likely: Sequence[Any],
        *,
        settings: bool,
    ) -> Iterator[SecretFinding]:
        from detect_secrets.filters.heuristic import is_indirect_reference  # noqa: PLC0415

        if self._line(line):
            return
        seen: dict[str, dict[str, None]] = {}
        for piece in _pieces(line):
            quoted = _UNQUOTED.fullmatch(piece) if settings else None
            found = list(self._in_piece(path, piece, likely))
            if quoted is not None:
                found += self._in_piece(path, f'{quoted[1]}: "{quoted[2]}"', likely)
                # Plain words in settings are names, as in `no-secrets: secret-scan`.
                found = [one for one in found if "Keyword" not in one[0] or not _is_words(one[1])]
            if found and not is_indirect_reference(piece):
                for kind, value in found:
                    seen.setdefault(value, {})[kind] = None
        for value in sorted(seen, key=len):  # a part of another finding is no finding of its own
            if longer := next((one for one in seen if value in one and value != one), None):
                seen[longer] |= seen.pop(value)
        allowed = bool(seen) and _allowed(path, line, previous)
        for value, kinds in seen.items():
            digest = hashlib.sha1(value.encode("utf-8", "replace"), usedforsecurity=False)
            told = tuple(sorted(kinds, key=_how_general))
            yield SecretFinding(number, told, digest.hexdigest(), allowed)

    def _in_piece(self, path: str, piece: str, likely: Sequence[Any]) -> Iterator[tuple[str, str]]:
        quoted = '"' in piece or "'" in piece
        for detector in likely:
            if not quoted and hasattr(detector, "entropy_limit"):  # it looks at quoted texts alone
                continue
            if hasattr(detector, "keyword_exclude") and not self._words.search(piece):
                continue
            found = detector.analyze_line(filename=path, line=piece, line_number=0, context=None)
            for one in found:
                value = one.secret_value or ""
                if not (
                    self._secret(value)
                    or _no_secret(value, piece, detector)
                    or (one.type == _HEX and _names_a_version(value, piece))
                ):
                    yield one.type, value


def _expressions(detector: Any) -> list[re.Pattern[str]] | None:
    """Return what a detector looks for, to be sought in many lines at once."""
    found = getattr(detector, "denylist", None)
    if found is None:
        return None
    return [re.compile(one.pattern, one.flags | re.MULTILINE) for one in found]


def _names_a_version(value: str, line: str) -> bool:
    before, found, _ = line.partition(value)
    return bool(found) and _NAMES_A_VERSION.search(before[-200:]) is not None


def _is_words(value: str) -> bool:
    return _WORDS.fullmatch(value) is not None


def _how_general(kind: str) -> tuple[bool, bool, str]:
    return ("Entropy" in kind, "Keyword" in kind, kind)


def _no_secret(value: str, line: str, detector: Any) -> bool:
    from detect_secrets.filters import heuristic  # noqa: PLC0415

    return (
        heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_likely_id_string(value, line, detector)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
    )


def _allowed(path: str, line: str, previous: str) -> bool:
    from detect_secrets.filters.allowlist import is_line_allowlisted  # noqa: PLC0415
    from detect_secrets.util.code_snippet import CodeSnippet  # noqa: PLC0415

    ends = line[-_PIECE:]  # the pragma ends the line; its expression is not linear
    return is_line_allowlisted(path, ends, CodeSnippet([previous[:_PIECE], ends], 0, 1))


def _pieces(line: str) -> Iterator[str]:
    """Yield a line in overlapping pieces, as some expressions of detectors are not linear."""
    if len(line) <= _PIECE:
        yield line
        return
    for start in range(0, len(line), _PIECE - _OVERLAP):
        yield line[start : start + _PIECE]


def _searcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    if not patterns:
        return lambda _: False
    try:
        expressions = [compiled(pattern) for pattern in patterns]
    except ValueError as error:
        raise ValueError(f"in the baseline: {error}") from None
    return lambda text: any(one.search(text) is not None for one in expressions)
