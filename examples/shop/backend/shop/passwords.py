"""Passwords are kept as salted scrypt digests."""

import hmac
import secrets
from hashlib import scrypt


def digest(password: str, salt: str | None = None) -> str:
    """Return `salt$digest` of a password, with a new salt unless one is given."""
    chosen = salt or secrets.token_hex(8)
    hashed = scrypt(password.encode(), salt=chosen.encode(), n=2**13, r=8, p=1)
    return f"{chosen}${hashed.hex()}"


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one of a kept digest."""
    salt, _, _ = kept.partition("$")
    return hmac.compare_digest(digest(password, salt), kept)
