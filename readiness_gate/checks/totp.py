"""One-time passwords by time: RFC 6238 over RFC 4226."""

import base64
import binascii
import hmac

_DIGESTS = {"SHA1": "sha1", "SHA256": "sha256", "SHA512": "sha512"}
ALGORITHMS = tuple(_DIGESTS)


def key_of(secret: str) -> bytes:
    """Return the key of a secret as servers show it: base32, in groups and without padding too.

    Raises:
        ValueError: it is no base32.
    """
    plain = "".join(secret.split()).replace("-", "").upper().rstrip("=")
    try:
        key = base64.b32decode(plain + "=" * (-len(plain) % 8))
    except binascii.Error:
        raise ValueError("the secret of a one-time password is base32") from None
    if not key:
        raise ValueError("the secret of a one-time password is empty")
    return key


def totp(
    key: bytes, moment: float, *, period: int = 30, digits: int = 6, algorithm: str = "SHA1"
) -> str:
    """Return the password of a moment.

    Args:
        key: the shared secret.
        moment: Unix time in seconds.
        period: seconds that a password lives.
        digits: its length.
        algorithm: one of `ALGORITHMS`.
    """
    counter = int(moment // period).to_bytes(8, "big")
    digest = hmac.digest(key, counter, _DIGESTS[algorithm])
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**digits:0{digits}d}"
