"""A small described interface that can be broken, and a generator that needs no child process."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from readiness_gate.checks.base import Check
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.web import Answer
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import Address
from tests.fakes.context import booted, context
from tests.fakes.options import options
from tests.fakes.programs import FakePrograms, Run
from tests.fakes.stack import FakeStack
from tests.fakes.web import FakeWeb, Request, answer

SECRET = "a-secret-that-signs-tokens-of-tests"
NOW = 1_700_000_000
ORDER = {
    "type": "object",
    "required": ["quantity"],
    "properties": {
        "quantity": {"type": "integer", "minimum": 1, "maximum": 100},
        "note": {"type": "string", "maxLength": 50},
    },
}
VIEW = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "status": {"type": "string"}},
}


def _json(schema: object) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/health": {
            "get": {
                "summary": "Is it up?",
                "responses": {"200": {"description": "It is.", **_json({"type": "object"})}},
            }
        },
        "/auth/token": {
            "post": {
                "summary": "Log in",
                "requestBody": {"required": True, **_json({"type": "object"})},
                "responses": {"200": {"description": "A token."}},
            }
        },
        "/orders": {
            "post": {
                "summary": "Order",
                "requestBody": {
                    "required": True,
                    **_json({"$ref": "#/components/schemas/Order"}),
                },
                "responses": {"201": {"description": "Taken.", **_json(VIEW)}},
            }
        },
        "/orders/{order_id}": {
            "parameters": [
                {"name": "order_id", "in": "path", "required": True, "schema": {"type": "integer"}}
            ],
            "get": {
                "summary": "Show",
                "responses": {
                    "200": {"description": "It.", **_json({"$ref": "#/components/schemas/View"})}
                },
            },
        },
        "/admin/orders": {
            "get": {"summary": "All", "responses": {"200": {"description": "All.", **_json({})}}}
        },
    },
    "components": {"schemas": {"Order": ORDER, "View": VIEW}},
}


def part(value: Mapping[str, Any]) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(who: str, *, end: int = NOW + 3600, secret: str = SECRET) -> str:
    text = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': who, 'exp': end})}"
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@dataclass
class Interface:
    """Answers requests; `broken` names what is wrong with it."""

    broken: frozenset[str] = frozenset()
    document: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(DOCUMENT))
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        path = urlsplit(request.url).path
        if path == "/openapi.json":
            return answer(data=self.document, headers={"content-type": "application/json"})
        status, data = self._answer(request, unquote(path))
        kind = {"content-type": "application/json", "x-request-id": "1"}
        if isinstance(data, str):
            return answer(status, body=data, headers={"content-type": "text/html"})
        return answer(status, data=data, headers=kind)

    def _answer(self, request: Request, path: str) -> tuple[int, object]:
        if path == "/health":
            if "down" in self.broken:
                return 500, {}
            return 200, {"status": "up"} if "shape" not in self.broken else []
        if path == "/auth/token":
            return self._logged_in(request)
        if path == "/actuator/env" and "stray" in self.broken:
            return 200, {"PATH": "/bin"}
        if not path.startswith(("/orders", "/admin")):
            return (200, "welcome") if "catch-all" in self.broken else (404, {})
        who = self._who(request)
        if who is None:
            return ("login" in self.broken and 302) or 401, {}
        if path == "/admin/orders":
            return (200, []) if who == "admin" or "roles" in self.broken else (403, {})
        if request.method == "POST":
            return self._ordered(request)
        number = path.rpartition("/")[2]
        if "own" in self.broken:
            return (200, {"id": 1}) if number == ("1" if who == "customer" else "2") else (404, {})
        if number == "1":
            return 200, {"id": "1"} if "type" in self.broken else {"id": 1}
        return (404, {}) if number.lstrip("-").isdigit() else (422, {})

    def _logged_in(self, request: Request) -> tuple[int, object]:
        sent = json.loads(request.body or b"{}")
        if sent.get("password") != "right" or "login-gone" in self.broken:
            return 401, {}
        return 200, {"access_token": token(sent["name"])}

    def _who(self, request: Request) -> str | None:
        text = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if "open" in self.broken:
            return "admin"
        if "refuses" in self.broken:
            return None
        for who in ("customer", "admin"):
            if text == token(who):
                return who
            if text == token(who, end=NOW - 3600) and "expiry" in self.broken:
                return who
        signed = text.split(".")
        if (
            "signature" in self.broken
            and len(signed) == 3
            and text not in {token(who, end=NOW - 3600) for who in ("customer", "admin")}
        ):
            return "customer"
        return None

    def _ordered(self, request: Request) -> tuple[int, object]:
        try:
            sent = json.loads(request.body or b"")
        except (ValueError, RecursionError):
            return 422, {}
        if not isinstance(sent, dict):
            return 422, {}
        quantity, note = sent.get("quantity"), sent.get("note", "")
        if "crash" in self.broken and not isinstance(quantity, int):
            return 500, {}
        if "echo" in self.broken and isinstance(note, str) and "<" in note:
            return 422, f"<p>{note}</p>"
        if "template" in self.broken and isinstance(note, str) and "{{" in note:
            return 422, "<p>62773913</p>"
        if "trace" in self.broken and isinstance(note, str) and "'" in note:
            return 422, {"error": "syntax error at or near"}
        if "lax" in self.broken:
            return 201, {"id": 1}
        fine = isinstance(quantity, int) and 0 < quantity <= 100 and isinstance(note, str)
        return (201, {"id": 1}) if fine and len(note) <= 50 else (422, {})


def generate(run: Run) -> Completed:
    """Answer a child's job with a few cases."""
    job = json.loads(run.stdin)
    cases = []
    for wanted in job.get("generate", ()):
        if wanted["mode"] == "valid":
            found: list[dict[str, Any]] = [
                {"path": {"order_id": number}, "query": {}, "body": {"quantity": number}}
                for number in (1, 77)
            ]
        else:
            base = wanted["base"]
            found = [
                {"what": "quantity: null", "body": {**base, "quantity": None}, "certain": True},
                {"what": "note: HTML", "body": {**base, "note": f"<script>{job['mark']}</script>"}},
                {"what": "note: template", "body": {**base, "note": "{{7919*7927}}"}},
                {"what": "note: SQL", "body": {**base, "note": "' OR '1'='1"}},
                {"what": "broken JSON", "raw": "{", "certain": True},
            ]
        cases.append({"error": None, "cases": found})
    judged = []
    for seen in job.get("judge", ()):
        body = json.loads(base64.b64decode(seen["body"]))
        wrong = isinstance(body, dict) and isinstance(body.get("id"), str)
        judged.append(["Response violates schema: no integer"] if wrong else [])
    invalid = None if "info" in job["document"] else "info is a required property"
    found_all = {"invalid": invalid, "cases": cases, "judged": judged}
    return Completed(run.argv, 0, json.dumps(found_all), "", 0.1)


def ran(
    check: Check[Any],
    text: str,
    *broken: str,
    interface: Interface | None = None,
    answers: Callable[[Run], Completed] = generate,
    own: bool = True,
    **more: Any,
) -> CheckResult:
    """Run a check against the interface."""
    chosen = interface or Interface(frozenset(broken))
    stack = FakeStack(
        addresses={("backend", 8000): Address("127.0.0.1", 32768)},
        environments={"backend": {"JWT_SECRET": SECRET}},
    )
    given: dict[str, Any] = {
        "web": FakeWeb(responder=chosen),
        "programs": FakePrograms(answers),
        "stack": stack,
        "base_url": "http://backend:8000",
        "steps": booted() if own else {},
        **more,
    }
    return check.run(context(**given), options(check, text))
