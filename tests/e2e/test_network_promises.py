"""Every check of the family *network* on the shop: it holds, it is broken, and it is gone."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from readiness_gate.checks import CHECKS
from readiness_gate.model.outcome import Family
from tests.checks.network.certificates import Issued, issued
from tests.e2e.command_line import Called, call
from tests.e2e.leftovers import left_behind
from tests.e2e.repository import CONFIG, ROOT, shop

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.timeout(600)]

OVERLAY = ROOT / "tests" / "e2e" / "overlays" / "network"
ATTESTATIONS = ".github/readiness-attestations.yml"
NETWORK = {check.id for check in CHECKS.values() if check.family is Family.NETWORK}
# What the item of each check says once its promise is broken.
CAUSES = {
    "http": "status: expected 200, got 503",
    "http-scenario": "it is shipped",
    "openapi": "/debug: answers 200",
    "input-validation": "is answered with 500",
    "authorization-matrix": "no token is answered with 202",
    "default-credentials": "admin with admin is let in",
    "rate-limit": "were let in, the limit is 10/minute",
    "cors": "https://evil.example (GET): is let in",
    "tls": "expired",
    "security-headers": "content-security-policy",
    "metrics": "shop_http_requests_total",
    "promql": "expected >=120",
    "load": "http_req_duration",
    "addr": "reached, and must not be",
    "dns": "has no address",
    "redis": "never expires",
}
BROKEN = (
    "authorization,cors,default-password,expiry,fulfilment,headers,metrics,products,"
    "rate-limit,slow,undescribed,validation"
)


def ran(folder: Path, **environment: str) -> Called:
    """Run the gate on a copy of the shop with all its network promises."""
    authority = issued("authority", authority=True)
    pem = {
        "good.pem": issued(by=authority),
        "old.pem": issued(by=authority, begins=-30, days=-1),
    }
    said = {"ALIAS": "shop-api", "CERTIFICATE": "good.pem", "EDGE": "outside", "FORGETFUL": ""}
    said |= environment
    ci = (ROOT / "examples" / "shop" / ".env.ci").read_text()
    lines = [line for line in ci.splitlines() if line.partition("=")[0] not in said]
    files = {
        CONFIG: (OVERLAY / "readiness.yml").read_text(),
        "network.yml": (OVERLAY / "network.yml").read_text(),
        "network/stand_in.py": (OVERLAY / "stand_in.py").read_text(),
        "network/authority.pem": authority.pem.decode(),
        ".env.ci": "\n".join([*lines, *(f"{key}={value}" for key, value in said.items())]) + "\n",
        ATTESTATIONS: None,
        **{f"network/{name}": one.pem.decode() + key_of(one) for name, one in pem.items()},
    }
    checkout = shop(folder, base=files)
    return call(checkout.folder, "run", "--half", "checks", seconds=540)


def key_of(one: Issued) -> str:
    """Return a private key as PEM."""
    text = one.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return text.decode()


def network(done: Called) -> dict[str, str]:
    """Return the outcomes of the family's items."""
    return {one["id"]: one["outcome"] for one in done.report["items"] if one["id"] in NETWORK}


def test_every_promise_holds_on_the_shop(tmp_path: Path) -> None:
    done = ran(tmp_path / "shop")
    assert network(done) == dict.fromkeys(sorted(NETWORK), "passed"), done.said
    assert left_behind(done.project_prefix) == {}


def test_every_broken_promise_fails_for_its_own_reason(tmp_path: Path) -> None:
    done = ran(
        tmp_path / "shop",
        SHOP_BREAK=BROKEN,
        ALIAS="other",
        CERTIFICATE="old.pem",
        EDGE="default",
        FORGETFUL="1",
    )
    outcomes = network(done)
    said = {id_: str(done.item(id_)) for id_ in sorted(NETWORK)}
    assert outcomes == dict.fromkeys(sorted(NETWORK), "failed"), done.said
    assert {id_: text for id_, text in said.items() if CAUSES[id_] not in text} == {}
    assert left_behind(done.project_prefix) == {}


def test_nobody_can_tell_of_a_service_that_is_gone(tmp_path: Path) -> None:
    done = ran(tmp_path / "shop", JWT_SECRET="too-short")
    assert network(done) == dict.fromkeys(sorted(NETWORK), "error"), done.said
    assert {done.item(one)["class"] for one in NETWORK} == {"prerequisite"}
    assert left_behind(done.project_prefix) == {}


def test_the_switches_are_those_of_the_shop() -> None:
    text = (ROOT / "examples/shop/backend/shop/breaks.py").read_text()
    assert all(f'"{name}"' in text for name in BROKEN.split(","))
