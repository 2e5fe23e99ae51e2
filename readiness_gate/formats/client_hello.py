"""The first message of TLS in an older version, and what a server makes of it (RFC 4346, 5246).

Spoken by hand, because libraries of today no longer offer versions that a server must not accept.
"""

import secrets
from enum import StrEnum

_CODES = {"1.0": b"\x03\x01", "1.1": b"\x03\x02", "1.2": b"\x03\x03"}
_CIPHERS = (
    "c02c c030 c02b c02f cca9 cca8 009d 009c c024 c028 c023 c027 003d 003c "  # for 1.2 alone
    "c00a c014 c009 c013 0039 0033 0035 002f c008 c012 0016 000a 00ff"
)
_GROUPS = "001d 0017 0018 0019"
_SIGNATURES = "0403 0503 0603 0804 0805 0806 0401 0501 0601 0203 0201"
_RECORD = 5
_HANDSHAKE, _ALERT, _SERVER_HELLO = 22, 21, 2


class Offer(StrEnum):
    """What became of it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NO_TLS = "no TLS"
    MORE = "more bytes are needed"


def client_hello(version: str, server_name: str) -> bytes:
    """Return the message that offers `1.0`, `1.1` or `1.2` as the newest version."""
    code = _CODES[version]
    name = server_name.encode("idna" if not server_name.isascii() else "ascii")
    extensions = b"".join(
        kind + _sized(body, 2)
        for kind, body in (
            (b"\x00\x00", _sized(b"\x00" + _sized(name, 2), 2)),
            (b"\x00\x0a", _sized(bytes.fromhex(_GROUPS), 2)),
            (b"\x00\x0b", b"\x01\x00"),
            *(((b"\x00\x0d", _sized(bytes.fromhex(_SIGNATURES), 2)),) if version == "1.2" else ()),
        )
    )
    body = (
        code
        + secrets.token_bytes(32)
        + b"\x00"
        + _sized(bytes.fromhex(_CIPHERS), 2)
        + b"\x01\x00"
        + _sized(extensions, 2)
    )
    return b"\x16\x03\x01" + _sized(b"\x01" + _sized(body, 3), 2)


def _sized(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def answered(data: bytes, version: str) -> Offer:
    """Return what the first bytes of a server's answer mean."""
    if not data:
        return Offer.MORE
    if data[0] == _ALERT:
        return Offer.REFUSED
    if data[0] != _HANDSHAKE or data[1:2] not in {b"", b"\x03"}:
        return Offer.NO_TLS
    if len(data) < _RECORD + 6:
        return Offer.MORE
    if data[_RECORD] != _SERVER_HELLO:
        return Offer.NO_TLS
    return Offer.ACCEPTED if data[_RECORD + 4 : _RECORD + 6] <= _CODES[version] else Offer.REFUSED
