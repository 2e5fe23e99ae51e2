"""Vectors of RFC 6238, appendix B, and of RFC 4226, appendix D."""

import base64

import pytest

from readiness_gate.checks.totp import key_of, totp

SEEDS = {
    "SHA1": b"12345678901234567890",
    "SHA256": b"12345678901234567890123456789012",
    "SHA512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
VECTORS = [
    (59, "SHA1", "94287082"),
    (59, "SHA256", "46119246"),
    (59, "SHA512", "90693936"),
    (1111111109, "SHA1", "07081804"),
    (1111111109, "SHA256", "68084774"),
    (1111111109, "SHA512", "25091201"),
    (1111111111, "SHA1", "14050471"),
    (1111111111, "SHA256", "67062674"),
    (1111111111, "SHA512", "99943326"),
    (1234567890, "SHA1", "89005924"),
    (1234567890, "SHA256", "91819424"),
    (1234567890, "SHA512", "93441116"),
    (2000000000, "SHA1", "69279037"),
    (2000000000, "SHA256", "90698825"),
    (2000000000, "SHA512", "38618901"),
    (20000000000, "SHA1", "65353130"),
    (20000000000, "SHA256", "77737706"),
    (20000000000, "SHA512", "47863826"),
]
COUNTED = ["755224", "287082", "359152", "969429", "338314", "254676", "287922"]


@pytest.mark.parametrize(("moment", "algorithm", "password"), VECTORS)
def test_the_vectors_of_the_standard_hold(moment: int, algorithm: str, password: str) -> None:
    assert totp(SEEDS[algorithm], moment, digits=8, algorithm=algorithm) == password


def test_the_counter_is_that_of_rfc_4226() -> None:
    seed = SEEDS["SHA1"]
    assert [totp(seed, number * 30) for number in range(len(COUNTED))] == COUNTED
    assert totp(seed, 59.99) == "287082"
    assert totp(seed, 60, period=60) == "287082"


@pytest.mark.parametrize("secret", ["JBSWY3DPEHPK3PXP", "jbsw y3dp ehpk 3pxp", "JBSWY3DP-EHPK3PXP"])
def test_secrets_are_read_as_servers_show_them(secret: str) -> None:
    assert key_of(secret) == b"Hello!\xde\xad\xbe\xef"


def test_padding_may_be_there_or_not() -> None:
    for size in range(1, 12):
        shown = base64.b32encode(b"x" * size).decode()
        assert key_of(shown) == key_of(shown.rstrip("=")) == b"x" * size


@pytest.mark.parametrize("secret", ["", "===", "1890", "not base32!"])
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="one-time password"):
        key_of(secret)
