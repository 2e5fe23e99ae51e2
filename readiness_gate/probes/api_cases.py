"""Generates requests of a described interface with Schemathesis, and judges answers by schemas.

It runs in a child process of the gate, not in the target. What is described comes from a pull
request: references, patterns and sizes may be hostile. So this process has a limit on memory and on
time, and no way to any network. A job comes on standard input and the answer leaves on standard
output, both JSON.
"""

import base64
import copy
import json
import resource
import socket
import sys

MEMORY = 1536 * 1024 * 1024
OUTPUT = 900_000
CASE = 20_000
DEPTH = 40
LONG = 100_000
LONG_WORD = "readiness-gate-long-text"
DEEP = 150
HUGE = 10**40
INJECTIONS = {
    "SQL": "' OR '1'='1' -- ",
    "HTML": "<script>{mark}</script>",
    "template": "{{{{7919*7927}}}}${{7919*7927}}",
    "path": "../../../../../../etc/passwd",
    "CRLF": "x\r\nX-Injected: {mark}",
    "format": "%s%s%n%x",
    "NUL": "a\x00b",
}


def closed(*_args, **_more):
    """Stand where connections begin."""
    raise OSError("no network here")


def main():
    """Do one job."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    job = json.load(sys.stdin)
    seconds = int(job["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    sys.setrecursionlimit(5000)
    try:
        import schemathesis  # noqa: F401
    except ImportError:
        print(json.dumps({"missing": True}))
        return
    socket.socket.connect = closed
    socket.getaddrinfo = closed
    print(json.dumps(Job(job).answer()))


class Job:
    """One job: what to do with one document."""

    def __init__(self, job):
        from schemathesis import openapi
        from schemathesis.config import SchemathesisConfig

        self.job = job
        self.document = job["document"]
        self.left = OUTPUT
        self.problem = None
        # A configuration of its own: none is looked for in the folders around.
        self.schema = openapi.from_dict(copy.deepcopy(self.document), config=SchemathesisConfig())
        self.lenient = str(self.document.get("openapi", "")).startswith("3.0")
        self.root = relaxed(self.document) if self.lenient else self.document

    def answer(self):
        """Return what the job asks for."""
        answer = {"invalid": None, "cases": [], "judged": []}
        if self.job.get("validate"):
            answer["invalid"] = self.invalid()
        for wanted in self.job.get("generate", ()):
            answer["cases"].append(self.generated(wanted))
        for seen in self.job.get("judge", ()):
            answer["judged"].append(self.judged(seen))
        return answer

    def invalid(self):
        """Return what the document breaks of OpenAPI's own schema."""
        try:
            self.schema.validate()
        except Exception as error:
            where = "/".join(str(part) for part in getattr(error, "instance_path", ()))
            return f"{where or 'the document'}: {getattr(error, 'message', error)}"[:400]
        return None

    def operation(self, one):
        """Return an operation as Schemathesis knows it."""
        return self.schema[one["path"]][one["method"]]

    def generated(self, wanted):
        """Return cases from the wanted one on, or why there are none.

        `next` is the first that did not fit into this answer any more, `long` how many never fit.
        """
        begin = wanted.get("skip", 0)
        self.problem = None
        if self.left < CASE:
            return {"error": None, "cases": [], "next": begin}
        try:
            if wanted["mode"] == "valid":
                cases = self.drawn(wanted, negative=False)
            else:
                cases = [*self.mutated(wanted), *self.hard(self.drawn(wanted, negative=True))]
        except MemoryError:
            raise
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"[:300], "cases": []}
        kept, long, following = [], 0, None
        for number, case in enumerate(cases[begin:], begin):
            size = len(json.dumps(case))
            if size > CASE:
                long += 1
            elif size > self.left:
                following = number
                break
            else:
                self.left -= size
                kept.append(case)
        return {
            "error": None,
            "cases": kept,
            "next": following,
            "long": long,
            "problem": self.problem,
        }

    def drawn(self, wanted, *, negative):
        """Return generated cases; the same on every run with the same seed."""
        if not wanted["count"]:
            return []
        from hypothesis import HealthCheck, Phase, given, seed, settings
        from schemathesis import GenerationMode

        mode = GenerationMode.NEGATIVE if negative else GenerationMode.POSITIVE
        found = []

        @seed(self.job["seed"])
        @settings(
            max_examples=wanted["count"],
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=self.operation(wanted).as_strategy(generation_mode=mode))
        def draw(case):
            found.append(shown(case))

        draw()
        return [one for one in found if one is not None]

    def hard(self, cases):
        """Keep the bodies that no reading of the schema lets through."""
        return [
            {**case, "certain": True, "what": "a generated body"}
            for case in cases
            if "body" in case and self.violates(case) == "surely"
        ]

    def violates(self, case):
        """Return whether a case's body breaks its schema."""
        validator = self.validator(case["pointer"])
        if validator is None:
            return "unknown"
        return verdict(validator, case["body"])

    def validator(self, pointer):
        """Return what judges bodies by the schema at a place, or nothing, and keep why."""
        import jsonschema_rs

        try:
            return jsonschema_rs.validator_for({**self.root, "$ref": pointer})
        except Exception as error:
            self.problem = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            return None

    def mutated(self, wanted):
        """Return what a valid body becomes when one thing about it is wrong."""
        base, pointer = wanted.get("base"), wanted.get("pointer")
        if pointer is None:
            return []
        validator = self.validator(pointer)
        found = []
        for what, body in whole(base):
            level = "perhaps" if validator is None else verdict(validator, body)
            found.append({"what": what, "body": body, "certain": level == "surely"})
        for what, body, large in parts(base, {"$ref": pointer}, self.root, self.job["mark"]):
            level = "perhaps" if large or validator is None else verdict(validator, body)
            found.append({"what": what, "body": body, "certain": level == "surely", "large": large})
        raw = json.dumps(base)
        found.append({"what": "broken JSON", "raw": raw[: max(1, len(raw) - 1)], "certain": True})
        deep = "[" * 4000 + "]" * 4000
        found.append({"what": "a body nested 4000 deep", "raw": deep, "certain": False})
        return found

    def judged(self, seen):
        """Return what an answer's body breaks of its schema."""
        import requests
        from schemathesis import Response
        from schemathesis.core.failures import FailureGroup

        try:
            operation = self.operation(seen)
            response = Response(
                status_code=seen["status"],
                headers={name: [value] for name, value in seen["headers"].items()},
                content=base64.b64decode(seen["body"]),
                request=requests.Request(seen["method"], "http://target/").prepare(),
                elapsed=0.0,
                verify=False,
            )
            operation.validate_response(response)
        except FailureGroup as group:
            return [told(failure) for failure in group.exceptions][:5]
        except Exception as error:
            if type(error).__module__.startswith("schemathesis.core.failures"):
                return [told(error)]
            return [f"cannot be judged: {type(error).__name__}: {error}"[:300]]
        return []


def told(failure):
    """Return a failure in one line."""
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    return ": ".join(lines[:2])[:300]


def shown(case):
    """Return a case as data, or nothing where it is no JSON."""
    from schemathesis.core import NOT_SET

    found = {"path": case.path_parameters or {}, "query": case.query or {}}
    found["headers"] = dict(case.headers or {})
    if case.body is not NOT_SET:
        kind = case.media_type or ""
        if "json" not in kind or isinstance(case.body, bytes):
            return None
        found |= {"body": case.body, "kind": kind}
        definition = case.operation.definition.raw.get("requestBody", {})
        root = f"#/paths/{escaped(case.operation.path)}/{case.operation.method.lower()}/requestBody"
        if "$ref" in definition:
            root = definition["$ref"]
        found["pointer"] = f"{root}/content/{escaped(kind)}/schema"
    try:
        json.dumps(found)
    except (TypeError, ValueError):
        return None
    return found


def escaped(text):
    """Return a step of a JSON pointer inside of a URI."""
    from urllib.parse import quote

    return quote(text.replace("~", "~0").replace("/", "~1"), safe="~!$&'()*+,;=:@-._")


def relaxed(node, depth=0):
    """Return a schema of OpenAPI 3.0 in the words of JSON Schema."""
    if isinstance(node, list):
        return [relaxed(one, depth + 1) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: relaxed(value, depth + 1) for key, value in node.items()}
    kind = made.get("type")
    if made.pop("nullable", None) is True and isinstance(kind, str):
        made["type"] = [kind, "null"]
        if isinstance(made.get("enum"), list):
            made["enum"] = [*made["enum"], None]
    for name, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(name), bool) and made.pop(name) and limit in made:
            made[name] = made.pop(limit)
    return made


CLEAR = frozenset(
    {
        "required", "maxLength", "minLength", "maximum", "minimum", "exclusiveMaximum",
        "exclusiveMinimum", "enum", "const", "maxItems", "minItems", "additionalProperties",
        "multipleOf",
    }
)  # fmt: skip


def verdict(validator, body):
    """Return whether a body breaks its schema: `surely`, `perhaps`, `no`.

    A scalar of another scalar type is only perhaps wrong: many frameworks read "5" as 5.
    """
    level = "no"
    for error in validator.iter_errors(body):
        level = "perhaps" if level == "no" else level
        kind = getattr(error.kind, "name", "")
        if kind in CLEAR or (kind == "type" and not isinstance(error.instance, str | int | float)):
            return "surely"
        if kind == "type" and isinstance(error.instance, str) and error.instance == WORDS:
            return "surely"
    return level


WORDS = "no such thing"


def whole(base):
    """Yield bodies that are wrong as a whole."""
    if base is not None:
        yield "null as the body", None
    if not isinstance(base, list):
        yield "a list as the body", []
    if not isinstance(base, str):
        yield "text as the body", WORDS
    if not isinstance(base, dict) or base:
        yield "an empty object as the body", {}


def parts(base, schema, root, mark):
    """Yield (what, body, large) for every place of the body."""
    for place, value, given in places(base, schema, root):
        name = "/".join(str(step) for step in place)
        for what, changed, large in changes(value, given, mark):
            yield f"{name}: {what}", put(base, place, changed), large
        if place and isinstance(place[-1], str):
            yield f"{name}: missing", put(base, place, None, remove=True), False


def places(value, schema, root, place=()):
    """Yield (place, value, schema) below a value, at most some hundreds."""
    given = resolved(schema, root)
    if len(place) > 6:
        return
    if place:
        yield place, value, given
    if isinstance(value, dict):
        inner = given.get("properties") if isinstance(given.get("properties"), dict) else {}
        for name in list(value)[:40]:
            yield from places(value[name], inner.get(name, {}), root, (*place, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], given.get("items", {}), root, (*place, 0))


def resolved(schema, root):
    """Return a schema with its references followed and its parts put together."""
    for _ in range(DEPTH):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            break
        schema = at(root, reference)
    else:
        return {}
    made = dict(schema)
    for one in schema.get("allOf", ()) if isinstance(schema.get("allOf"), list) else ():
        for key, value in resolved(one, root).items():
            if key == "properties" and isinstance(made.get(key), dict):
                made[key] = {**value, **made[key]}
            else:
                made.setdefault(key, value)
    for word in ("anyOf", "oneOf"):
        variants = [one for one in schema.get(word) or () if isinstance(one, dict)]
        real = [one for one in variants if one.get("type") != "null"]
        if len(real) == 1:
            made = {**resolved(real[0], root), **made}
    return made


def at(root, reference):
    """Return what a reference leads to, an empty schema where it leads nowhere."""
    from urllib.parse import unquote

    here = root
    for step in reference.lstrip("#").split("/")[1:]:
        key = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict):
            here = here.get(key, {})
        elif isinstance(here, list) and key.isdecimal() and int(key) < len(here):
            here = here[int(key)]
        else:
            return {}
    return here


def changes(value, given, mark):
    """Yield (what, value, large): what may go wrong with one value."""
    if value is not None:
        yield "null", None, False
    deep = []
    for _ in range(DEEP):
        deep = [deep]
    yield f"nested {DEEP} deep", deep, False
    if isinstance(value, bool | int | float):
        yield (
            "text for a number" if not isinstance(value, bool) else "text for a flag",
            WORDS,
            False,
        )
        yield "an object", {"a": 1}, False
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield "a huge number", HUGE, False
        for word, step in (("maximum", 1), ("minimum", -1)):
            if isinstance(given.get(word), int | float):
                yield f"beyond its {word}", given[word] + step, False
        for word in ("exclusiveMaximum", "exclusiveMinimum"):
            if isinstance(given.get(word), int | float) and not isinstance(given[word], bool):
                yield f"at its {word}", given[word], False
    if isinstance(value, str):
        yield "an object for text", {"a": 1}, False
        most = given.get("maxLength")
        if isinstance(most, int) and 0 <= most < LONG:
            yield f"{most + 1} signs", "a" * (most + 1), False
        else:
            yield f"{LONG} signs", LONG_WORD, True
        if isinstance(given.get("minLength"), int) and given["minLength"] > 0:
            yield "too short", "", False
        for what, text in INJECTIONS.items():
            yield what, text.format(mark=mark), False
    if isinstance(value, dict):
        yield "text for an object", WORDS, False
    if isinstance(value, list):
        yield "text for a list", WORDS, False
        yield "too few entries", [], False


def put(base, place, value, *, remove=False):
    """Return a copy of `base` with another value, or none, at one place."""
    made = copy.deepcopy(base)
    here = made
    for step in place[:-1]:
        here = here[step]
    if remove:
        del here[place[-1]]
    else:
        here[place[-1]] = value
    return made


if __name__ == "__main__":
    main()
