import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.client_hello import Offer, answered, client_hello


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
def test_lengths_are_whole(version: str) -> None:
    hello = client_hello(version, "edge")
    assert hello[:3] == b"\x16\x03\x01"
    assert int.from_bytes(hello[3:5], "big") == len(hello) - 5
    assert int.from_bytes(hello[6:9], "big") == len(hello) - 9
    assert b"edge" in hello


def test_a_server_of_today_takes_the_newest_of_them_for_a_client() -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(client_hello("1.0", "edge"))
    with pytest.raises(ssl.SSLError, match="UNSUPPORTED_PROTOCOL"):
        server.do_handshake()
    assert answered(outgoing.read(), "1.0") is Offer.REFUSED


@pytest.mark.parametrize(
    ("data", "offer"),
    [
        (b"", Offer.MORE),
        (b"\x16", Offer.MORE),
        (b"\x16\x03\x01\x00\x50\x02\x00\x00\x4c\x03", Offer.MORE),
        (b"\x16\x03\x01\x00\x50\x02\x00\x00\x4c\x03\x01", Offer.ACCEPTED),
        (b"\x16\x03\x00\x00\x50\x02\x00\x00\x4c\x03\x00", Offer.ACCEPTED),
        (b"\x16\x03\x03\x00\x50\x02\x00\x00\x4c\x03\x03", Offer.REFUSED),
        (b"\x15\x03\x01\x00\x02\x02\x46", Offer.REFUSED),
        (b"HTTP/1.1 400", Offer.NO_TLS),
        (b"\x16X", Offer.NO_TLS),
        (b"\x16\x03\x01\x00\x50\x0b\x00\x00\x4c\x03\x01", Offer.NO_TLS),
    ],
)
def test_answers(data: bytes, offer: Offer) -> None:
    assert answered(data, "1.0") is offer


@given(st.binary(max_size=40))
def test_any_bytes_have_a_meaning(data: bytes) -> None:
    assert answered(data, "1.1") in set(Offer)
