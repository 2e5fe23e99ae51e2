"""Access tokens of customers."""

from datetime import UTC, datetime, timedelta

import jwt

from shop.settings import settings

LIFETIME = timedelta(hours=1)


def issue(customer_id: int) -> str:
    """Return a signed token for one customer."""
    claims = {"sub": str(customer_id), "exp": datetime.now(UTC) + LIFETIME}
    return jwt.encode(claims, settings().jwt_secret, algorithm="HS256")


def customer_of(token: str) -> int | None:
    """Return whose token this is, `None` for a forged, broken or expired one."""
    try:
        claims = jwt.decode(
            token,
            settings().jwt_secret,
            algorithms=["HS256"],
            options={"require": ["sub", "exp"]},
        )
        return int(claims["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None
