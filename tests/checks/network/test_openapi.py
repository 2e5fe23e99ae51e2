import copy
import json
from pathlib import Path
from typing import Any

import pytest

from readiness_gate.checks.network.openapi import CHECK
from readiness_gate.doors.programs import Completed
from readiness_gate.doors.web import BODY_CAP, Answer, NoAnswer
from readiness_gate.errors import ConfigurationError
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.checks.network.described import DOCUMENT, Interface, generate, ran
from tests.fakes.checkout import Checkout
from tests.fakes.options import refusal
from tests.fakes.programs import Run
from tests.fakes.web import FakeWeb, Request, answer

TOKEN = "token: {login: {url: /auth/token, json: {name: admin, password: right}}}"
WHOLE = f"{{{TOKEN}, parameters: {{order_id: 1}}}}"


def asked(text: str = WHOLE, *broken: str, **more: Any) -> CheckResult:
    return ran(CHECK, text, *broken, **more)


def changed(change: str) -> Interface:
    """Return an interface with one line of Python done to its document `d`."""
    interface = Interface()
    exec(change, {"d": interface.document})
    return interface


def test_what_is_described_and_answers_so_passes() -> None:
    result = asked()
    assert result.outcome is Outcome.PASSED, result.details
    assert "5 operations are described, 5 answers of 3 are as declared" in result.summary


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ("type", "GET /orders/{order_id}: 200: Response violates schema"),
        ("stray", "GET /actuator/env: answers 200 (application/json), and is not described"),
    ],
)
def test_answers_that_differ_fail(broken: str, cause: str) -> None:
    result = asked(WHOLE, broken)
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary
    assert result.evidence


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("del d['info']", "is not valid OpenAPI: info is a required property"),
        ("d['paths']['/health']['get']['summary'] = ' '", "GET /health: has no summary"),
        (
            "d['paths']['/health']['get']['responses'] = {'500': {'description': 'x'}}",
            "GET /health: declares no successful answer",
        ),
        (
            "d['paths']['/health']['get']['responses']['200']['description'] = ''",
            "GET /health: the answer 200 has no description",
        ),
        (
            "del d['paths']['/orders/{order_id}']['parameters']",
            "GET /orders/{order_id}: the path parameter order_id is not declared",
        ),
        (
            "[d['paths'][p]['get'].update(operationId='x') for p in ('/health', '/admin/orders')]",
            "GET /admin/orders: has the operationId of GET /health",
        ),
        (
            "d['paths']['/health']['get']['responses']['200']['content'] = {'text/plain': {}}",
            "GET /health: 200: application/json is not declared",
        ),
        (
            "d['paths']['/health']['get']['responses'] = {'204': {'description': 'x'}}",
            "GET /health: 200 (application/json) is not declared",
        ),
    ],
)
def test_what_is_wrong_with_a_description_is_named(change: str, cause: str) -> None:
    result = asked(interface=changed(change))
    assert result.outcome is Outcome.FAILED
    assert cause in result.details


@pytest.mark.parametrize(
    ("wanted", "cause"),
    [
        ("description", "GET /health: has no description"),
        ("tags", "GET /health: has no tags"),
        ("operation-id", "GET /health: has no operationId"),
        ("parameters", "the parameter order_id has no description"),
    ],
)
def test_more_can_be_asked_for(wanted: str, cause: str) -> None:
    assert cause in asked(WHOLE[:-1] + f", documented: [{wanted}]}}").details


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("no", "is not JSON"),
        ("[" * 5000, "is not JSON"),
        ("[]", "has no `openapi: 3.x`"),
        ('{"swagger": "2.0"}', "has no `openapi: 3.x`"),
        ('{"openapi": "4.0"}', "3.0 and 3.1 are read"),
        ('{"openapi": "3.1.0", "paths": {}}', "describes no operation"),
        (
            '{"openapi": "3.1.0", "paths": {"/x": {"$ref": "http://evil.example/x"}}}',
            "refers to http://evil.example/x, which is not in this document",
        ),
        (
            '{"openapi": "3.1.0", "paths": {"/x": {"$ref": "#/paths/~1x"}}}',
            "#/paths/~1x refers to itself",
        ),
        ('{"openapi": "3.1.0", "paths": {"/x": {"$ref": "#/no/where"}}}', "leads nowhere"),
        ('{"openapi": "3.1.0", "paths": {"x": {}}}', "does not start with /"),
    ],
)
def test_what_is_no_description_fails_in_a_line(body: str, cause: str) -> None:
    result = asked(web=FakeWeb([answer(body=body)]))
    assert result.outcome is Outcome.FAILED
    assert cause in result.summary
    assert "\n" not in result.summary


def test_a_description_that_is_not_there_or_too_long_fails() -> None:
    assert "status 404" in asked(web=FakeWeb([answer(404)])).summary
    assert "longer than" in asked(web=FakeWeb([answer(truncated=True)])).summary


def test_thousands_of_operations_are_read_and_more_are_refused() -> None:
    paths = {f"/p{n}": {"get": {"responses": {"200": {"description": "x"}}}} for n in range(10_001)}
    many = {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths}
    result = asked("{answered: false, suspects: []}", interface=Interface(document=many))
    assert result.summary.endswith("more than 10000 operations")
    del paths["/p1"]
    result = asked("{answered: false, suspects: []}", interface=Interface(document=many))
    assert "GET /p0: has no summary; and" in result.summary
    assert len(result.details.splitlines()) <= 300


def test_without_values_nothing_is_proven() -> None:
    def useless(run: Run) -> Completed:
        job = json.loads(run.stdin)
        found: dict[str, Any] = {
            "invalid": None,
            "cases": [{"error": None, "cases": []} for _ in job.get("generate", ())],
            "judged": [[] for _ in job.get("judge", ())],
        }
        return Completed(run.argv, 0, json.dumps(found), "", 0.1)

    result = asked(f"{{{TOKEN}}}", answers=useless)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "GET /orders/{order_id}: was not answered with success" in result.summary
    nobody = asked("{parameters: {order_id: 1}}")
    assert (nobody.outcome, nobody.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_a_service_that_answers_everything_hides_what_is_there() -> None:
    result = asked(WHOLE, "catch-all")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "set `suspects: []`" in result.summary


ROUTES = """
router = APIRouter(prefix="/orders")
inner = APIRouter(include_in_schema=False)
@router.get("/{order_id}")
def show(): ...
@inner.post("/orders/{order_id}/reset")
def reset(): ...
@something.get("/else")
def other(): ...
"""


def test_a_route_of_the_source_that_nobody_described_is_found(tmp_path: Path) -> None:
    (tmp_path / "api.py").write_text(ROUTES)
    text = WHOLE[:-1] + ", source: '*.py'}"
    result = asked(text, workspace=tmp_path)
    assert "api.py:6: POST /orders/{order_id}/reset is not described" in result.summary
    hidden = asked(text[:-1] + ", hidden: [POST */reset, GET /else]}", workspace=tmp_path)
    assert "2 routes of the source are described, 1 of no known router" in hidden.summary
    (tmp_path / "api.py").write_text("x = 1")
    with pytest.raises(ConfigurationError, match="holds no route"):
        asked(text, workspace=tmp_path)


def of_source(folder: Path, *modules: str, more: str = "") -> CheckResult:
    for number, text in enumerate(modules):
        (folder / f"m{number}.py").write_text(text)
    return asked(WHOLE[:-1] + f", source: '*.py'{more}}}", workspace=folder)


HEALTH = "router = APIRouter()\n@router.get('/health')\ndef health(): ...\n"


@pytest.mark.parametrize("path", ["/", ""])
def test_the_root_is_described_by_itself_alone(tmp_path: Path, path: str) -> None:
    source = f"app = FastAPI()\n@app.get('{path}')\ndef secret(): ...\n"
    result = of_source(tmp_path, source)
    assert result.outcome is Outcome.FAILED
    assert "m0.py:2: GET / is not described" in result.summary


def test_an_empty_path_is_described_below_the_prefix_that_includes_it(tmp_path: Path) -> None:
    router = "router = APIRouter()\n@router.post('/')\ndef take(): ...\n"
    main = "app = FastAPI()\napp.include_router(orders.router, prefix='PREFIX')\n"
    found = of_source(tmp_path, router, main.replace("PREFIX", "/orders"))
    assert found.outcome is Outcome.PASSED, found.details
    other = of_source(tmp_path, router, main.replace("PREFIX", "/other"))
    assert "m0.py:2: POST / is not described" in other.summary


def test_an_annotated_app_and_routes_of_several_methods_are_looked_at(tmp_path: Path) -> None:
    annotated = "app: FastAPI = FastAPI()\n@app.get('/hidden-one')\ndef secret(): ...\n"
    assert "GET /hidden-one is not described" in of_source(tmp_path, annotated, HEALTH).summary
    several = HEALTH + "@router.api_route('/zzz', methods=['PUT', 'GET'])\ndef several(): ...\n"
    result = of_source(tmp_path, several, HEALTH)
    assert "m0.py:4: PUT /zzz is not described" in result.details
    assert "m0.py:4: GET /zzz is not described" in result.details


UNKNOWN = HEALTH + "@other.get('PATH')\ndef elsewhere(): ...\n"


def test_a_decorator_whose_owner_is_not_known_is_told(tmp_path: Path) -> None:
    result = of_source(tmp_path, UNKNOWN.replace("PATH", "/else"))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "m0.py:4: nobody can tell whether other.get is a route: GET /else" in result.summary
    described = of_source(tmp_path, UNKNOWN.replace("PATH", "/admin/orders"))
    assert described.outcome is Outcome.PASSED
    assert "1 routes of the source are described, 1 of no known router" in described.summary
    hidden = of_source(tmp_path, UNKNOWN.replace("PATH", "/else"), more=", hidden: [GET /else]")
    assert hidden.outcome is Outcome.PASSED


def test_methods_that_are_not_written_out_are_told(tmp_path: Path) -> None:
    source = HEALTH + "@router.api_route('/x', methods=METHODS)\ndef several(): ...\n"
    result = of_source(tmp_path, source)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "m0.py:4: nobody can tell the methods of /x" in result.summary


def kept(folder: Path, base: object, *, text: str = "kept: openapi.json") -> CheckResult:
    checkout = Checkout(folder)
    sha = checkout.commit({} if base is None else {"openapi.json": json.dumps(base)})
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT))
    return asked(WHOLE[:-1] + f", {text}}}", workspace=folder, git=checkout.git, base_sha=sha)


def test_what_breaks_clients_of_the_base_fails(tmp_path: Path) -> None:
    base = copy.deepcopy(DOCUMENT)
    base["paths"]["/old"] = base["paths"]["/health"]
    result = kept(tmp_path / "one", base)
    assert result.outcome is Outcome.FAILED
    assert "GET /old: breaks clients: is gone" in result.summary
    allowed = kept(tmp_path / "two", base, text="kept: openapi.json, may-break: [GET /old]")
    assert allowed.outcome is Outcome.PASSED, allowed.details
    assert "nothing breaks clients" in allowed.summary
    assert "is new" in kept(tmp_path / "new", None).summary


def test_a_kept_description_has_to_be_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps({**DOCUMENT, "info": {}}))
    result = asked(WHOLE[:-1] + ", kept: openapi.json}", workspace=tmp_path)
    assert "openapi.json: is not what http://backend:8000/openapi.json shows" in result.summary
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    alone = asked(WHOLE[:-1] + ", kept: openapi.json}", workspace=tmp_path)
    assert "no base to compare with" in alone.summary


def test_the_description_can_come_from_the_repository(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    assert asked(WHOLE[:-1] + ", file: api.json}", workspace=tmp_path).outcome is Outcome.PASSED
    gone = asked(WHOLE[:-1] + ", file: gone.json}", workspace=tmp_path)
    assert (gone.outcome, "gone.json" in gone.summary) == (Outcome.FAILED, True)


def test_silence_fails_and_of_a_foreign_system_decides_nothing() -> None:
    web = FakeWeb([NoAnswer("ConnectionRefusedError")])
    assert asked(web=web).outcome is Outcome.FAILED
    foreign = asked(web=web, own=False)
    assert (foreign.outcome, foreign.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_without_the_extra_the_item_says_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match="Schemathesis is not installed"):
        asked(answers=lambda run: Completed(run.argv, 0, '{"missing": true}', "", 0.1))


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{documented: [everything]}", "documented"),
        ("{except: [x]}", "write a method and a path"),
        ("{timeout: 0s}", "timeout"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(text: str, cause: str) -> None:
    assert cause in refusal(CHECK, text)


def test_leaving_out_everything_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="leaves no operation"):
        asked("{except: ['* *']}")


def test_generated_requests_that_were_not_sent_prove_nothing() -> None:
    def long(run: Run) -> Completed:
        done = json.loads(generate(run).stdout)
        done["cases"] = [{**one, "long": 1} for one in done["cases"]]
        return Completed(run.argv, 0, json.dumps(done), "", 0.1)

    result = asked(answers=long)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "GET /orders/{order_id}: 1 cases longer than 20000 signs" in result.summary


def answering(shown: Answer, of: Interface | None = None) -> FakeWeb:
    """Return an interface whose /health answers so."""
    interface = of or Interface()

    def respond(request: Request) -> Answer:
        return shown if request.url.endswith("/health") else interface(request)

    return FakeWeb(responder=respond)


KIND = {"content-type": "application/json"}


@pytest.mark.parametrize("headers", [{}, KIND])
def test_an_answer_without_the_body_that_is_declared_fails(headers: dict[str, str]) -> None:
    result = asked(web=answering(answer(200, body="", headers=headers)))
    assert result.outcome is Outcome.FAILED
    assert "GET /health: 200: comes without the body that is declared" in result.summary


def test_no_body_is_missed_where_none_is_declared_or_none_can_come() -> None:
    interface = Interface()
    responses = interface.document["paths"]["/health"]["get"]["responses"]
    responses["204"] = copy.deepcopy(responses["200"])
    assert asked(web=answering(answer(204, body=""), of=interface)).outcome is Outcome.PASSED
    del responses["200"]["content"]
    assert asked(web=answering(answer(200, body=""), of=interface)).outcome is Outcome.PASSED


def test_an_answer_that_was_not_read_to_its_end_is_not_judged() -> None:
    result = asked(web=answering(answer(200, body='{"a": ', headers=KIND, truncated=True)))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert f"GET /health: 200: is longer than {BODY_CAP} bytes" in result.summary


def test_no_answer_at_all_is_not_answered_as_declared() -> None:
    interface = Interface()
    for path in ("/health", "/orders/{order_id}", "/admin/orders"):
        del interface.document["paths"][path]
    result = asked(f"{{{TOKEN}}}", interface=interface)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "no GET operation is looked at, so no answer was judged" in result.summary
    assert "`answered: false`" in result.summary
    unasked = asked("{answered: false}", interface=interface)
    assert unasked.outcome is Outcome.PASSED
    assert "answers" not in unasked.summary


def test_a_declared_redirect_is_no_success() -> None:
    interface = Interface()
    responses = interface.document["paths"]["/health"]["get"]["responses"]
    responses["302"] = {"description": "Log in first."}
    result = asked(web=answering(answer(302, headers={"location": "/login"}), of=interface))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert "GET /health: was not answered with success" in result.summary
