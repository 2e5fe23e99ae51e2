"""What the environment and the shop keeper's file tell the application."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SHOP_FILE = Path("/etc/shop/shop.toml")
SHORTEST_SECRET = 32


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one process."""

    database_url: str
    redis_url: str
    jwt_secret: str
    cors_origins: tuple[str, ...]
    currency: str
    cache_seconds: int
    maximum_lines: int
    stream: str
    group: str
    staff: frozenset[str]
    logins_per_minute: int
    broken: frozenset[str]


def read(environment: Mapping[str, str], shop_file: Path) -> Settings:
    """Read the settings; a missing or weak one is a `KeyError` or `ValueError` at start."""
    shop = tomllib.loads(shop_file.read_text(encoding="utf-8"))
    secret = environment["JWT_SECRET"]
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"JWT_SECRET has fewer than {SHORTEST_SECRET} characters")
    origins = environment["CORS_ORIGINS"].split(",")
    return Settings(
        database_url=environment["DATABASE_URL"],
        redis_url=environment["REDIS_URL"],
        jwt_secret=secret,
        cors_origins=tuple(origin.strip() for origin in origins if origin.strip()),
        currency=shop["catalogue"]["currency"],
        cache_seconds=shop["catalogue"]["cache-seconds"],
        maximum_lines=shop["orders"]["maximum-lines"],
        stream=shop["orders"]["stream"],
        group=shop["orders"]["group"],
        staff=frozenset(shop["access"]["staff"]),
        logins_per_minute=shop["access"]["logins-per-minute"],
        broken=frozenset(filter(None, environment.get("SHOP_BREAK", "").split(","))),
    )


@cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return read(os.environ, SHOP_FILE)
