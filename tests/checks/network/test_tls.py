import socket
import ssl
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network.tls import CHECK
from readiness_gate.doors.clock import SystemClock
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.checks.network.certificates import issued, tls_server
from tests.checks.network.served import closed_port, raw
from tests.fakes.context import booted, context
from tests.fakes.options import options, refusal
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, answer

CA = issued("Test CA", authority=True)
GOOD = issued(by=CA)


def facts(folder: Path, port: int, *, web: FakeWeb | None = None, own: bool = True) -> CheckContext:
    (folder / "ca.pem").write_bytes(CA.pem)
    return context(
        workspace=folder,
        stack=FakeStack(
            service_names=("edge",), addresses={("edge", 443): Address("127.0.0.1", port)}
        ),
        web=web,
        base_url="http://edge",
        clock=SystemClock(),
        steps=booted("edge") if own else {},
        timeout=10.0,
    )


def ran(folder: Path, port: int, rest: str = "", **given: object) -> CheckResult:
    text = f"{{url: 'https://edge/', timeout: 2s, authority: ca.pem{rest}}}"
    text = text.replace(", authority: ca.pem", "") if "untrusted" in rest else text
    return CHECK.run(facts(folder, port, **given), options(CHECK, text))  # type: ignore[arg-type]


def test_a_good_server_passes(tmp_path: Path) -> None:
    with tls_server(tmp_path, GOOD) as port:
        result = ran(tmp_path, port)
    assert result.outcome is Outcome.PASSED, result.details
    assert (
        result.summary == "tls edge:443: TLSv1.3, valid for 90 more days, TLS 1.0 and 1.1 refused"
    )
    [table] = result.evidence
    assert isinstance(table, TableEvidence)
    assert ("issuer", "CN=Test CA") in table.rows


def test_an_intermediate_has_to_be_sent(tmp_path: Path) -> None:
    between = issued("Between", by=CA, authority=True)
    leaf = issued(by=between)
    with tls_server(tmp_path, leaf, chain=(between,)) as port:
        assert ran(tmp_path, port).outcome is Outcome.PASSED
    with tls_server(tmp_path, leaf) as port:
        result = ran(tmp_path, port)
    assert result.outcome is Outcome.FAILED
    assert "the certificate is not trusted: unable to get local issuer certificate" in (
        result.summary
    )


@pytest.mark.parametrize(
    ("name", "days", "begins", "cause"),
    [
        ("other", 90, -1, "the certificate does not name edge"),
        ("edge", -1, -90, "the certificate expired on"),
        ("edge", 5, -1, "the certificate expires on"),
        ("edge", 90, 1, "the certificate is valid only from"),
    ],
)
@pytest.mark.parametrize("rest", ["", ", untrusted: true"])
def test_a_certificate_that_will_not_do_fails(
    tmp_path: Path, name: str, days: float, begins: float, cause: str, rest: str
) -> None:
    with tls_server(tmp_path, issued(name, by=CA, days=days, begins=begins)) as port:
        result = ran(tmp_path, port, rest)
    assert result.outcome is Outcome.FAILED
    assert cause in result.details


def test_a_certificate_of_its_own_is_trusted_by_nobody(tmp_path: Path) -> None:
    with tls_server(tmp_path, issued()) as port:
        result = ran(tmp_path, port)
        assert "the certificate is not trusted: self-signed certificate" in result.summary
        assert ran(tmp_path, port, ", untrusted: true").outcome is Outcome.PASSED


def test_the_system_s_authorities_do_not_know_that_of_a_test(tmp_path: Path) -> None:
    with tls_server(tmp_path, GOOD) as port:
        result = CHECK.run(facts(tmp_path, port), options(CHECK, "url: 'https://edge/'"))
    assert result.outcome is Outcome.FAILED
    assert "not trusted" in result.summary


def test_a_short_key_fails(tmp_path: Path) -> None:
    with tls_server(tmp_path, issued(key=rsa.generate_private_key(65537, 1024))) as port:
        result = ran(tmp_path, port, ", untrusted: true")
    assert result.outcome is Outcome.FAILED
    assert "the key has 1024 bits, less than 2048" in result.summary


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("oldest", "minimum", "cause"),
    [
        (ssl.TLSVersion.TLSv1, "1.2", "TLS 1.0 is accepted"),
        (ssl.TLSVersion.TLSv1_1, "1.2", "TLS 1.1 is accepted"),
        (ssl.TLSVersion.TLSv1_2, "1.3", "TLS 1.2 is accepted"),
        (ssl.TLSVersion.TLSv1_3, "1.3", ""),
    ],
)
def test_an_old_version_has_to_be_refused(
    tmp_path: Path, oldest: ssl.TLSVersion, minimum: str, cause: str
) -> None:
    with tls_server(tmp_path, GOOD, oldest=oldest) as port:
        result = ran(tmp_path, port, f", minimum: '{minimum}'")
    assert result.outcome is (Outcome.FAILED if cause else Outcome.PASSED), result.summary
    assert cause in result.details


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_server_of_the_old_versions_alone_fails(tmp_path: Path) -> None:
    oldest = ssl.TLSVersion.TLSv1
    with tls_server(tmp_path, GOOD, oldest=oldest, newest=ssl.TLSVersion.TLSv1_1) as port:
        result = ran(tmp_path, port)
    assert result.outcome is Outcome.FAILED
    assert "no TLS came about" in result.summary


@pytest.mark.parametrize(
    ("status", "location", "outcome"),
    [
        (308, "https://edge/", Outcome.PASSED),
        (301, "//edge/", Outcome.FAILED),
        (302, "http://edge/login", Outcome.FAILED),
        (200, "", Outcome.FAILED),
        (301, "", Outcome.FAILED),
    ],
)
def test_a_plain_url_leads_to_https(
    tmp_path: Path, status: int, location: str, outcome: Outcome
) -> None:
    web = FakeWeb([answer(status, headers={"location": location} if location else {})])
    with tls_server(tmp_path, GOOD) as port:
        made = facts(tmp_path, port, web=web)
        assert isinstance(made.stack, FakeStack)
        made.stack.addresses["edge", 80] = Address("127.0.0.1", 1)
        text = "{url: 'https://edge/', authority: ca.pem, plain: 'http://edge/'}"
        result = CHECK.run(made, options(CHECK, text))
    assert result.outcome is outcome, result.summary


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x16\x03\x03\xff\xff" + b"x" * 100_000]
)
def test_what_speaks_no_tls_fails(tmp_path: Path, said: bytes) -> None:
    def speak(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(said)

    with raw(speak) as port:
        result = ran(tmp_path, port)
    assert result.outcome is Outcome.FAILED


def test_a_server_that_drips_is_not_waited_for(tmp_path: Path) -> None:
    def speak(connection: socket.socket) -> None:
        for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 200:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    with raw(speak) as port:
        begun = time.monotonic()
        text = "{url: 'https://edge/', timeout: 300ms, authority: ca.pem}"
        result = CHECK.run(facts(tmp_path, port), options(CHECK, text))
        assert time.monotonic() - begun < 2.0
    assert result.outcome is Outcome.FAILED


def test_a_closed_port_fails_and_of_a_foreign_system_decides_nothing(tmp_path: Path) -> None:
    port = closed_port()
    assert "connection refused" in ran(tmp_path, port).summary
    foreign = ran(tmp_path, port, own=False)
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("none.pem", None),
        ("a.pem", "x"),
        ("../b", None),
        ("a.pem", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"),
        ("a.pem", "-----BEGIN CERTIFICATE-----\n\u00e9\n"),
    ],
)
def test_an_authority_that_is_none_is_the_configuration_s_fault(
    tmp_path: Path, file: str, text: str | None
) -> None:
    if text is not None:
        (tmp_path / file).write_text(text, encoding="utf-8")
    with raw(lambda _: None) as port, pytest.raises(ConfigurationError, match="authority"):
        CHECK.run(
            facts(tmp_path, port), options(CHECK, f"{{url: 'https://edge/', authority: {file}}}")
        )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{url: 'http://edge/'}", "has no TLS"),
        ("{url: 'https://edge/', plain: 'https://edge/'}", "is not plain"),
        ("{url: 'https://edge/', untrusted: true, authority: a}", "has to be trusted"),
        ("{url: 'https://edge/', minimum: '1.0'}", "minimum"),
    ],
)
def test_what_asserts_nothing_is_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


def test_a_path_below_a_base_of_http_has_no_tls(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not one of https"):
        CHECK.run(facts(tmp_path, 1), options(CHECK, "url: /"))
