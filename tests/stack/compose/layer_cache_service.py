"""GitHub's cache service for runners on loopback, version 1 of its API, kept in a folder.

Run as `python -m tests.stack.compose.layer_cache_service PORT FOLDER`: one file an entry, named by
its key, and `requests.log` with a line a request. BuildKit's own client asks it. It ends with the
process that started it.
"""

import base64
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

BASE = "/_apis/artifactcache"
_RANGE = re.compile(r"bytes[ =](\d+)-(\d*)")
_READS_AND_WRITES = 3


def token(scope: str = "refs/heads/main", permission: int = _READS_AND_WRITES) -> str:
    """Return what the runner hands to a job: whoever builds reads in it what it may do."""
    claims = {
        "ac": json.dumps([{"Scope": scope, "Permission": permission}]),
        "nbf": int(time.time()) - 60,
        "exp": int(time.time()) + 3600,
    }
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*encoded, b"signature"]).decode()


def _may_write(authorization: str) -> bool:
    claims = authorization.split(".")[1]
    given = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return any(one["Permission"] & 2 for one in json.loads(given["ac"]))


class Entries:
    """What was reserved and committed, the newest last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        # The client takes the number 0 for none.
        self.keys: list[tuple[str, str]] = [("", "")]
        self.committed: list[int] = []

    def reserve(self, key: str, version: str) -> int | None:
        with self.lock:
            if any(self.keys[one] == (key, version) for one in self.committed):
                return None
            self.keys.append((key, version))
            return len(self.keys) - 1

    def path(self, number: int) -> Path:
        return self.folder / f"{number}-{quote(self.keys[number][0], safe='')}"

    def write(self, number: int, begin: int, data: bytes) -> None:
        path = self.path(number)
        with self.lock, path.open("r+b" if path.exists() else "w+b") as file:
            file.seek(begin)
            file.write(data)

    def commit(self, number: int) -> None:
        with self.lock:
            self.committed.append(number)

    def find(self, wanted: list[str], version: str) -> int | None:
        with self.lock:
            for key in wanted:
                for number in reversed(self.committed):
                    known, of = self.keys[number]
                    if of == version and known.startswith(key):
                        return number
        return None


def handler(entries: Entries, log: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            if split.path.startswith("/blobs/"):
                return self.blob(int(split.path.rpartition("/")[2]))
            asked = parse_qs(split.query)
            number = entries.find(asked["keys"][0].split(","), asked["version"][0])
            if number is None:
                return self.answer(204)
            host = self.headers["Host"]
            place = f"http://{host}/blobs/{number}"
            return self.answer(
                200, {"cacheKey": entries.keys[number][0], "archiveLocation": place, "scope": ""}
            )

        def do_POST(self) -> None:
            given = json.loads(self.body() or b"{}")
            if not _may_write(self.headers.get("Authorization", "")):
                return self.answer(403, {"message": "the token may only read"})
            if self.path == f"{BASE}/caches":
                number = entries.reserve(given["key"], given["version"])
                if number is None:
                    return self.answer(409, {"typeKey": "ArtifactCacheItemAlreadyExistsException"})
                return self.answer(201, {"cacheId": number})
            entries.commit(int(self.path.rpartition("/")[2]))
            return self.answer(204)

        def do_PATCH(self) -> None:
            place = _RANGE.match(self.headers["Content-Range"])
            assert place is not None
            number = int(self.path.rpartition("/")[2])
            entries.write(number, int(place[1]), self.body())
            self.answer(204)

        def blob(self, number: int) -> None:
            data = entries.path(number).read_bytes()
            place = _RANGE.match(self.headers.get("Range", ""))
            if place is None:
                return self.answer(200, data)
            end = int(place[2]) + 1 if place[2] else len(data)
            return self.answer(206, data[int(place[1]) : end])

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                found = b""
                while size := int(self.rfile.readline().strip(), 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return found
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def answer(self, status: int, content: object = b"") -> None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data if status != 204 else b"")

        def log_request(self, code: object = "-", size: object = "-") -> None:
            allowed = bool(self.headers.get("Authorization", "").startswith("Bearer "))
            with entries.lock, log.open("a") as file:
                file.write(f"{self.command} {self.path.partition('?')[0]} {code} {allowed}\n")

    return Handler


def main(port: str, folder: str) -> None:
    place = Path(folder)
    entries = Entries(place)
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), handler(entries, place / "requests.log"))
    parent = os.getppid()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while os.getppid() == parent:
        time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
