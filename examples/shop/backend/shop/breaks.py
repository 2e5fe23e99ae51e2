"""Promises that are broken on purpose, so that whoever checks them can be seen to notice.

`SHOP_BREAK=cors,headers` names some of `NAMES`. Never set where customers are.
"""

from shop.settings import settings

NAMES = frozenset(
    {
        "authorization",  # any token will do, or none
        "cors",  # every origin may read
        "default-password",  # admin gets in with admin
        "expiry",  # what counts logins is kept for ever
        "fulfilment",  # orders are taken and never handed on
        "headers",  # no security headers
        "metrics",  # requests are not counted
        "products",  # the catalogue is out of order
        "rate-limit",  # nobody is refused
        "slow",  # the catalogue takes its time
        "undescribed",  # routes that the description does not have
        "validation",  # what is invalid is a fault of the server
    }
)
WELL_KNOWN = ("admin", "admin")


def broken(name: str) -> bool:
    """Whether a promise is broken in this process."""
    return name in settings().broken
