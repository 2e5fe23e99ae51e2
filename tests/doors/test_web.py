"""Requests to servers on loopback: ordinary, slow, flooding, misleading."""

import datetime
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from readiness_gate.doors.exchange import TargetWeb
from readiness_gate.doors.web import BODY_CAP, Manner, NoAnswer

WEB = TargetWeb()
Talk = Callable[[socket.socket, str], None]


@contextmanager
def server(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve every connection with `talk(connection, head of the request)`; yield the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    closing = threading.Event()

    def serve(connection: socket.socket) -> None:
        try:
            with (
                connection
                if context is None
                else context.wrap_socket(connection, server_side=True) as stream
            ):
                head = b""
                while b"\r\n\r\n" not in head and (more := stream.recv(65536)):
                    head += more
                talk(stream, head.decode("latin-1"))
        except OSError:
            pass

    def accept() -> None:
        while not closing.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        scheme = "https" if context else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def fixed(answer: bytes) -> Talk:
    return lambda stream, head: stream.sendall(answer)


def body(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def test_an_answer_has_its_status_headers_and_body() -> None:
    with server(fixed(body(b"caf\xe9", "X-A: 1", "x-a: 2", status="418 Teapot"))) as url:
        answer = WEB.request("GET", url, timeout=5)
    assert (answer.status, answer.body, answer.truncated) == (418, b"caf\xe9", False)
    assert (answer.header("X-A"), answer.header("missing")) == ("1, 2", None)
    assert answer.text == "caf\N{REPLACEMENT CHARACTER}"
    assert 0 < answer.seconds < 5


def test_method_headers_and_body_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    heads: list[str] = []

    def talk(stream: socket.socket, head: str) -> None:
        heads.append(head)
        stream.sendall(body(b""))

    with server(talk) as url:
        WEB.request("POST", f"{url}/x?y=1", timeout=5, headers={"X-Key": "v"}, body=b"sent")
    assert heads[0].startswith("POST /x?y=1 HTTP/1.1\r\n")
    assert "X-Key: v" in heads[0]
    assert "User-Agent: readiness-gate" in heads[0]


def heads(stream: socket.socket, head: str) -> None:
    stream.sendall(body(head.encode("latin-1")))


def test_a_given_header_is_sent_once_in_whatever_case_it_is_written() -> None:
    given = {"user-agent": "me", "ACCEPT": "a/b", "accept-encoding": "identity", "host": "other"}
    with server(heads) as url:
        sent = WEB.request("GET", url, timeout=5, headers=given).text.lower()
    assert {f"\r\n{name.lower()}: {value}\r\n" in sent for name, value in given.items()} == {True}
    assert [sent.count(f"\r\n{name.lower()}:") for name in given] == [1, 1, 1, 1]


def test_the_length_of_a_body_is_true_whatever_was_given() -> None:
    with server(heads) as url:
        sent = WEB.request("POST", url, timeout=5, headers={"content-length": "5"}, body=b"xy").text
    assert sent.lower().count("content-length: 2\r\n") == sent.lower().count("content-length") == 1


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("?only=query", "/?only=query"),
        ("/a b?q=ä#part", "/a%20b?q=%C3%A4"),
        ("/a/../b/./c", "/b/c"),
        ("//other.example/x", "//other.example/x"),
    ],
)
def test_the_target_is_written_as_a_server_expects_it(path: str, target: str) -> None:
    with server(heads) as url:
        assert WEB.request("GET", url + path, timeout=5).text.startswith(f"GET {target} HTTP/1.1")


@pytest.mark.parametrize("url", ["http://", "http:///x", "http://a b/", "http://.invalid/"])
def test_a_url_without_a_host_is_no_answer(url: str) -> None:
    with pytest.raises(NoAnswer):
        WEB.request("GET", url, timeout=5)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://localhost", "localhost:80", ""])
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(ValueError, match="neither http nor https"):
        WEB.request("GET", url, timeout=1)


def test_nobody_listening_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NoAnswer, match="refused"):
        WEB.request("GET", f"http://127.0.0.1:{port}", timeout=2)


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\x01garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"]
)
def test_what_is_not_a_whole_http_answer_is_no_answer(answer: bytes) -> None:
    with server(fixed(answer)) as url, pytest.raises(NoAnswer):
        WEB.request("GET", url, timeout=3)


def drip(head: bytes) -> Talk:
    def talk(stream: socket.socket, _: str) -> None:
        stream.sendall(head)
        for _number in range(200):
            time.sleep(0.05)
            stream.sendall(b"x")

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        lambda stream, head: time.sleep(10),
        drip(b"HTTP/1.1 200 OK\r\nX-Long: "),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"),
    ],
    ids=["silent", "slow headers", "slow body", "slow body without length", "slow chunk"],
)
def test_time_is_up_when_it_is_up_however_slowly_bytes_arrive(talk: Talk) -> None:
    with server(talk) as url:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match=r"within 0\.6 s"):
            WEB.request("GET", url, timeout=0.6)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("squeezed", [False, True])
def test_a_flood_is_cut_at_the_cap(squeezed: bool) -> None:
    flood = b"x" * (BODY_CAP * 8)
    answer = body(gzip.compress(flood), "Content-Encoding: gzip") if squeezed else body(flood)
    with server(fixed(answer)) as url:
        found = WEB.request("GET", url, timeout=10)
    assert (len(found.body), found.truncated) == (BODY_CAP, True)


def to(location: str, status: str = "302 Found") -> bytes:
    return body(b"", f"Location: {location}", status=status)


def test_redirects_are_followed_only_when_asked_and_on_the_same_host() -> None:
    heads: list[str] = []

    def talk(stream: socket.socket, head: str) -> None:
        heads.append(head.partition(" HTTP")[0])
        _, path, *_rest = head.split(" ", maxsplit=2)
        answers = {"/a": to("/b", "303 See Other"), "/out": to("http://localhost:1/x")}
        answers |= {"/loop": to("/loop"), "/file": to("file:///etc/passwd")}
        stream.sendall(answers.get(path, body(b"here")))

    with server(talk) as url:
        assert WEB.request("GET", f"{url}/a", timeout=5).status == 303
        assert WEB.request("POST", f"{url}/a", timeout=5, follow_redirects=True).body == b"here"
        assert WEB.request("GET", f"{url}/out", timeout=5, follow_redirects=True).status == 302
        assert WEB.request("GET", f"{url}/file", timeout=5, follow_redirects=True).status == 302
        with pytest.raises(NoAnswer, match="redirects"):
            WEB.request("GET", f"{url}/loop", timeout=5, follow_redirects=True)
    assert heads[:3] == ["GET /a", "POST /a", "GET /b"]


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file: Path = tmp_path_factory.mktemp("tls") / "own.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_certificates_are_verified_unless_told_otherwise(own_certificate: ssl.SSLContext) -> None:
    with server(fixed(body(b"secret")), own_certificate) as url:
        with pytest.raises(NoAnswer, match="certificate"):
            WEB.request("GET", url, timeout=5)
        assert WEB.request("GET", url, timeout=5, verify=False).body == b"secret"


def test_a_name_that_no_certificate_can_carry_is_no_answer(own_certificate: ssl.SSLContext) -> None:
    with server(fixed(body(b"")), own_certificate) as url, pytest.raises(NoAnswer):
        WEB.request("GET", url, timeout=5, manner=Manner(server_name=f"{'a' * 64}.example"))


def test_a_slow_body_over_tls_is_cut_off_too(own_certificate: ssl.SSLContext) -> None:
    talk = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    with server(talk, own_certificate) as url:
        started = time.monotonic()
        with pytest.raises(NoAnswer):
            WEB.request("GET", url, timeout=0.6, verify=False)
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("length", ["-5", "5x", "1_0", "\u0665", "5, 6", ""])
def test_a_length_that_is_no_number_is_no_answer(length: str) -> None:
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nwhole".encode()
    with server(fixed(answer)) as url, pytest.raises(NoAnswer):
        WEB.request("GET", url, timeout=5)


@pytest.mark.parametrize("size", [b"-5", b"-1", b"zz", b""])
def test_a_chunk_with_a_size_that_is_none_is_no_answer(size: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabcde\r\n"
    with server(fixed(answer)) as url, pytest.raises(NoAnswer):
        WEB.request("GET", url, timeout=5)


@pytest.mark.parametrize("value", ["s3cr3t\n", "s3cr3t\r\nX-A: 1", "s3cr3t \u043a"])
def test_a_header_that_cannot_be_sent_is_no_answer_that_shows_it(value: str) -> None:
    with server(heads) as url, pytest.raises(NoAnswer, match="X-Key") as caught:
        WEB.request("GET", url, timeout=5, headers={"X-Key": value})
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\n", "\u043a"])
def test_a_name_that_no_header_has_is_no_answer(name: str) -> None:
    with server(heads) as url, pytest.raises(NoAnswer, match="header"):
        WEB.request("GET", url, timeout=5, headers={name: "v"})


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_that_has_no_body_by_its_status_is_whole(status: str) -> None:
    def talk(stream: socket.socket, _: str) -> None:
        stream.sendall(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        time.sleep(5)

    with server(talk) as url:
        answer = WEB.request("GET", url, timeout=2)
    assert (answer.status, answer.body) == (int(status[:3]), b"")


@pytest.mark.parametrize("before", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_what_is_said_before_the_answer_is_not_the_answer(before: str) -> None:
    hints = f"HTTP/1.1 {before}\r\nLink: </style.css>\r\n\r\n".encode()
    with server(fixed(hints * 2 + body(b"here", "X-A: 1"))) as url:
        answer = WEB.request("GET", url, timeout=5)
    assert (answer.status, answer.body, answer.header("link")) == (200, b"here", None)


def test_time_is_up_though_the_name_was_found_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = socket.getaddrinfo

    def find_slowly(*asked: object) -> object:
        time.sleep(0.3)
        return find(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", find_slowly)
    with server(drip(b"HTTP/1.1 200 OK\r\nX-Long: ")) as url:
        started = time.monotonic()
        with pytest.raises(NoAnswer, match=r"within 0\.1 s"):
            WEB.request("GET", url, timeout=0.1)
        assert time.monotonic() - started < 2
