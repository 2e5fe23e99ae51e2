"""A small application on loopback for scenarios: accounts, 2FA, files, orders with a webhook."""

import contextlib
import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from readiness_gate.checks.totp import key_of, totp

SEED = "JBSWY3DPEHPK3PXP"


@dataclass
class App:
    """Its state, and the switches that break it."""

    accounts: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    port: int = 0
    sends: bool = True
    """Whether webhooks are sent."""
    slow: int = 0
    """How often an order is still open when it is asked for."""
    broken: str = ""
    """Path that answers 500."""

    def deliver(self, url: str, event: dict[str, Any]) -> None:
        """Send a webhook, as a worker would."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
        body = json.dumps(event).encode()
        kind = {"Content-Type": "application/json", "X-Signature": f"sha-{event['order']}"}
        connection.request("POST", parts.path or "/", body, kind)
        connection.getresponse().read()
        connection.close()


def _handler(app: App) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self.raw = self.rfile.read(length)
            path = urlsplit(self.path).path
            app.seen.append(f"{self.command} {self.path}")
            if path == app.broken:
                self.send(500, {"error": "broken"})
                return
            name = path.strip("/").split("/")[0] or "home"
            action = getattr(self, f"on_{name}", None)
            if action is None:
                self.send(404, {})
                return
            action()

        do_GET = do_POST = do_DELETE = do_PUT = answer  # noqa: N815

        def send(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for key, value in (headers or {}).items():
                self.send_header(key, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        @property
        def data(self) -> dict[str, Any]:
            if self.headers.get("Content-Type", "").startswith("application/json"):
                return dict(json.loads(self.raw))
            return {key: value[0] for key, value in parse_qs(self.raw.decode()).items()}

        @property
        def user(self) -> str | None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            cookies = self.headers.get("Cookie", "").split("; ")
            kept = [one.removeprefix("sid=") for one in cookies if one.startswith("sid=")]
            return app.sessions.get(token) or app.sessions.get(kept[0] if kept else "")

        def on_register(self) -> None:
            app.accounts[self.data["email"]] = self.data["password"]
            app.log.append(f"registered {self.data['email']}")
            self.send(201, {"id": len(app.accounts)})

        def on_login(self) -> None:
            email, password = self.data.get("email", ""), self.data.get("password", "")
            if app.accounts.get(email) != password:
                self.send(401, {"error": "wrong"})
                return
            token = uuid.uuid4().hex
            app.sessions[token] = email
            cookie = f"sid={token}; Path=/; HttpOnly"
            self.send(200, {"token": token}, {"Set-Cookie": cookie})

        def on_me(self) -> None:
            known = self.user
            self.send(200 if known else 401, {"email": known})

        def on_admin(self) -> None:
            allowed = (self.user or "").startswith("admin")
            self.send(200 if allowed else 403, {})

        def on_logout(self) -> None:
            gone = {"Set-Cookie": "sid=; Path=/; Max-Age=0"}
            self.send(200, {}, gone)

        def on_enable(self) -> None:
            self.send(200, {"secret": SEED})

        def on_verify(self) -> None:
            code = self.data["code"]
            known = {totp(key_of(SEED), float(moment)) for moment in self.moments()}
            fine = code in known and code not in app.used
            app.used.add(code)
            self.send(200 if fine else 401, {})

        def moments(self) -> list[int]:
            moment = int(self.headers.get("X-Now", "0"))
            return [moment]

        def on_files(self) -> None:
            if self.command == "GET":
                data = app.files.get(self.path.rsplit("/", 1)[1])
                self.send(200 if data else 404, {"size": len(data or b"")})
                return
            boundary = self.headers["Content-Type"].split("boundary=")[1].encode()
            part = self.raw.split(b"--" + boundary)[1]
            content = part.split(b"\r\n\r\n", 1)[1][:-2]
            name = uuid.uuid4().hex
            app.files[name] = content
            here = f"http://{self.headers['Host']}/files/{name}"
            self.send(201, {"size": len(content)}, {"Location": here})

        def on_orders(self) -> None:
            parts = self.path.strip("/").split("/")
            if self.command == "POST":
                name = str(len(app.orders) + 1)
                app.orders[name] = {"id": int(name), "asked": 0}
                hook = self.data.get("hook")
                if hook and app.sends:
                    event = {"order": int(name), "state": "paid"}
                    threading.Timer(0.1, app.deliver, (f"{hook}/paid", event)).start()
                self.send(201, {"id": int(name)})
            elif self.command == "DELETE":
                gone = app.orders.pop(parts[1], None)
                self.send(204 if gone else 404, {})
            else:
                order = app.orders.get(parts[1])
                if order is None:
                    self.send(404, {})
                    return
                order["asked"] += 1
                state = "open" if order["asked"] <= app.slow else "done"
                self.send(200, {"id": order["id"], "state": state})

        def on_echo(self) -> None:
            body = self.raw.decode()
            self.send(200, {"path": self.path, "body": body, "port": app.port})

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@contextlib.contextmanager
def application(app: App | None = None) -> Iterator[App]:
    """Yield a running application; its `port` is where it listens."""
    app = app or App()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(app))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    app.port = server.server_port
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
