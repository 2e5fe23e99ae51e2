"""Text that went through the wrong encoding once is read as it was written.

UTF-8 that was opened as Mac Roman, cp1252 or cp1254 and saved again shows `âœ…` for a tick. A run
of such characters is put back only if its bytes are UTF-8 again and nobody writes it on purpose:
a capital with an accent before a closing quote, or a French apostrophe before
one, stays. FROZEN: `repaired` decides boxes and ids, so it is
ours; what it leaves is put right by ftfy in the words that people see, and in nothing else.
"""

import re
import unicodedata

from readiness_gate.errors import ConfigurationError

_RUN = re.compile(r"[^\x00-\x7f]+")
# A character of UTF-8 that was taken for others is two of them at least.
_SEVERAL = re.compile("[^\x00-\x7f\ufe0f]{2}")
_LINE_BREAKS = "\x85\u2028\u2029"
# What cp1252 and cp1254 leave undefined, as software that decodes them leniently passes it on.
_UNDEFINED = (0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E)
# The first bytes of an emoji or a symbol; no language writes these letters one after another.
_LOST_ICON = re.compile("[\u00f0\u011f]\u0178|\u00e2[^\u00c0-\u0151\u0154-\u024f]")
# Dashes, quotes, arrows, ticks, boxes, emoji and what joins them.
_SYMBOL = re.compile(
    "[\u2010-\u203a\u20a0-\u20bf\u2116\u2122\u2190-\u22ff\u2300-\u23ff\u2460-\u27bf\u2b00-\u2bff"
    "\ufeff\ufe0f\U0001f000-\U0001faff]"
)
_CYRILLIC = re.compile("[\u0401\u0404\u0406\u0407\u0410-\u044f\u0451\u0454\u0456\u0457\u0491]")


def _tables() -> tuple[dict[int, str | None], ...]:
    """Return for each codec the character of Latin-1 that has a character's byte."""
    made = []
    for codec in ("cp1252", "cp1254", "mac_roman"):
        # Characters of Latin-1 that the codec lacks have no byte, and stop the encoding.
        table: dict[int, str | None] = dict.fromkeys(range(0x80, 0x100), "\uffff")
        decoded = bytes(range(0x80, 0x100)).decode(codec, errors="replace")
        table |= {ord(char): chr(byte) for byte, char in enumerate(decoded, 0x80)}
        table.pop(ord("\N{REPLACEMENT CHARACTER}"), None)
        if codec != "mac_roman":
            table |= {code: chr(code) for code in _UNDEFINED}
        made.append(table)
    return tuple(made)


_TABLES = _tables()


def decode(data: bytes, *, name: str = "checklist") -> tuple[str, int]:
    """Return the text of a file and how many places of it were not UTF-8 (now `U+FFFD`).

    Raises:
        ConfigurationError: the file is UTF-16, or no text at all.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise ConfigurationError(f"{name}: is UTF-16", advice="Save it as UTF-8.")
    if (zero := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, zero) + 1
        raise ConfigurationError(
            f"{name}:{line}: has a zero byte, it is no text", advice="Name a Markdown file."
        )
    try:
        return data.decode("utf-8-sig"), 0
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", errors="replace")
        return text, text.count("\N{REPLACEMENT CHARACTER}")


def repaired(text: str) -> str:
    """Return `text` with every run that is surely UTF-8 in disguise put back; line breaks stay.

    Runs of ASCII stay what and where they are.
    """
    if text.isascii():
        return text
    return _RUN.sub(_repaired_run, text)


def readable(text: str) -> str:
    """Return words as people should see them, put right by ftfy where that is certain."""
    if not _SEVERAL.search(text):
        return text
    import ftfy  # noqa: PLC0415 - of no use to a file that is well
    from ftfy.badness import is_bad  # noqa: PLC0415

    if not is_bad(text):
        return text
    fixed = ftfy.fix_encoding(text)
    new = set(fixed) - set(text)
    if any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Co"} for char in new):
        return text
    return text if "\N{REPLACEMENT CHARACTER}" in new else fixed


def _repaired_run(match: re.Match[str]) -> str:
    run, text = match[0], match.string
    before = text[match.start() - 1 : match.start()]
    after = text[match.end() : match.end() + 1]
    for table in _TABLES:
        try:
            original = run.translate(table).encode("latin-1").decode("utf-8")
        except UnicodeError:
            continue
        if not any(char in original for char in _LINE_BREAKS) and _certain(original, before, after):
            return original
    # Bytes that an editor dropped cannot come back; the icon's remains are not words.
    if _LOST_ICON.match(run) and not before.isalpha():
        return "\N{REPLACEMENT CHARACTER}"
    return run


def _certain(original: str, before: str, after: str) -> bool:
    """Return whether nobody means the characters that these were taken for."""
    if any(char < "\u00a0" for char in original):
        return False
    if len(original) > 1 or _SYMBOL.match(original):
        return True
    # One letter alone: a capital with an accent and a closing quote look the same.
    if _CYRILLIC.match(original):
        return not before.isalpha() and not after.isalpha()
    if original > "\u017f":
        return False
    if original.isalpha():
        return (before.isalpha() or after.isalpha()) and not (
            before.isupper() and not after.isalpha()
        )
    return not before.isalpha()
