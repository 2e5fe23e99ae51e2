"""Text that went through the wrong encoding once is read as it was written.

UTF-8 that was opened as Mac Roman, cp1252 or cp1254 and saved again shows `âœ…` for a tick. A run
of such characters is put back only if its bytes are UTF-8 again; every other run stays.
"""

import re

_CODECS = ("cp1252", "cp1254", "mac_roman")
_RUN = re.compile(r"[^\x00-\x7f]+")
# What cp1252 and cp1254 leave undefined, as software that decodes them leniently passes it on.
_LOST_ICON = re.compile("[\u00f0\u011f]\u0178|\u00e2[^\u00c0-\u0151\u0154-\u024f]")
# The first bytes of an emoji or a symbol; no language writes these letters one after another.
_UNDEFINED = {code: chr(code) for code in (0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E)}


def decode(data: bytes) -> tuple[str, int]:
    """Return the text of a file and how many bytes of it were not UTF-8 (now `U+FFFD`)."""
    try:
        return data.decode("utf-8-sig"), 0
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", errors="replace")
        return text, text.count("\N{REPLACEMENT CHARACTER}")


def repaired(text: str) -> str:
    """Return `text` with every run that is UTF-8 in disguise put back; line breaks stay."""
    return _RUN.sub(lambda match: _repaired_run(match[0]), text)


def _repaired_run(run: str) -> str:
    for codec in _CODECS:
        try:
            original = b"".join(_byte(char, codec) for char in run).decode("utf-8")
        except UnicodeError:
            continue
        if not any(char in original for char in "\x85\u2028\u2029"):
            return original
    # Bytes that an editor dropped cannot come back; the icon's remains are not words.
    return "\N{REPLACEMENT CHARACTER}" if _LOST_ICON.match(run) else run


def _byte(char: str, codec: str) -> bytes:
    if ord(char) in _UNDEFINED and codec != "mac_roman":
        return bytes([ord(char)])
    return char.encode(codec)
