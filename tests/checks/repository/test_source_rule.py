from pathlib import Path

import pytest

from readiness_gate.checks.repository.source_rule import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal


def run(root: Path, rule: str, text: str = "", **files: str) -> CheckResult:
    for name, content in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return CHECK.run(context(workspace=root), options(CHECK, f"rules: [{rule}]\n{text}"))


@pytest.mark.parametrize(
    "line",
    [
        'f"SELECT * FROM users WHERE id = {user}"',
        '"SELECT * FROM users WHERE id = %s" % user',
        '"DELETE FROM users WHERE id = " + user',
        '"UPDATE users SET name = {}".format(user)',
        'f"""\n  insert into t values ({user})"""',
        'f"DROP TABLE {user}"',
    ],
)
def test_sql_that_is_formatted_fails_with_its_line(tmp_path: Path, line: str) -> None:
    result = run(tmp_path, "sql-formatting", a=f"\nx = {line}\n")
    assert result.outcome is Outcome.FAILED
    assert result.summary == "a.py:2: SQL is built by formatting text (sql-formatting)"
    assert result.evidence[0].kind == "location"


@pytest.mark.parametrize(
    "line",
    [
        'execute("SELECT * FROM users WHERE id = :id", {"id": user})',
        'f"please select one from {user}"',
        'f"Selected {user}"',
        '"SELECT a FROM b " "WHERE c"',
        '"SELECT a FROM b " + "WHERE c"',
        'f"SELECT a FROM b"',
        '"%s" % user',
    ],
)
def test_sql_with_parameters_passes(tmp_path: Path, line: str) -> None:
    result = run(tmp_path, "sql-formatting", a=f"x = {line}\n")
    assert result.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("app = FastAPI(debug=True)", "debug=True in the call of FastAPI"),
        ("uvicorn.run(app, reload=True)", "reload=True in the call of run"),
        ("DEBUG = True", "DEBUG is set to True"),
        ("class S:\n    debug: bool = True", "DEBUG is set to True"),
        ("app.debug = True", "DEBUG is set to True"),
        ("breakpoint()", "breakpoint() stops for a debugger"),
        ("import pdb", "pdb is imported"),
    ],
)
def test_debug_flags_fail(tmp_path: Path, line: str, text: str) -> None:
    result = run(tmp_path, "debug-flag", a=f"{line}\n")
    assert result.outcome is Outcome.FAILED
    assert text in result.summary


def test_debug_flags_out_of_settings_pass(tmp_path: Path) -> None:
    source = "DEBUG = env('DEBUG')\napp = FastAPI(debug=settings.debug)\ndebug = False\n"
    assert run(tmp_path, "debug-flag", a=source).outcome is Outcome.PASSED


ENGINE = "engine = create_engine(url)\n"
LISTENER = """
@event.listens_for({target}, "connect")
def enforce(connection, record):
    connection.execute("PRAGMA foreign_keys=ON")
"""


def test_an_engine_needs_its_listener(tmp_path: Path) -> None:
    rule = "sqlite-foreign-keys"
    result = run(tmp_path, rule, app__database=ENGINE)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("app/database.py:1: an engine without a listener")
    own = ENGINE + LISTENER.format(target="engine")
    assert run(tmp_path, rule, app__database=own).outcome is Outcome.PASSED
    assert run(tmp_path, rule, app__other=ENGINE).outcome is Outcome.FAILED
    everywhere = LISTENER.format(target="Engine")
    assert run(tmp_path, rule, app__events=everywhere).outcome is Outcome.PASSED


def test_a_listener_that_switches_nothing_on_is_none(tmp_path: Path) -> None:
    off = LISTENER.format(target="engine").replace("ON", "OFF")
    assert run(tmp_path, "sqlite-foreign-keys", a=ENGINE + off).outcome is Outcome.FAILED


def test_engines_of_other_databases_are_not_meant(tmp_path: Path) -> None:
    result = run(tmp_path, "sqlite-foreign-keys", a='create_engine("postgresql://db/x")\n')
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


ROUTER = 'router = APIRouter(prefix="/visits")\n'
ROUTE = '@router.get("/{id}")\ndef show(id: int): ...\n'


@pytest.mark.parametrize(
    "source",
    [
        ROUTER + '@router.get("/a")\ndef show(user=Depends(get_current_user)): ...\n',
        ROUTER
        + '@router.get("/a")\ndef show(user: Annotated[User, Depends(get_current_user)]): ...',
        "Current = Annotated[User, Depends(get_current_user)]\n"
        + ROUTER
        + '@router.get("/a")\nasync def show(*, user: Current): ...\n',
        ROUTER
        + '@router.get("/a", dependencies=[Security(require_roles("a"))])\ndef show(): ...\n',
        "router = APIRouter(dependencies=[Depends(auth.verify_token)])\n" + ROUTE,
        '@app.route("/a")\n@login_required\ndef show(): ...\n',
        '@app.get("/health")\ndef health(): ...\n@app.get("/metrics")\ndef metrics(): ...\n',
    ],
)
def test_routes_with_authentication_and_public_ones_pass(tmp_path: Path, source: str) -> None:
    result = run(tmp_path, "route-authentication", a=source)
    assert result.outcome is Outcome.PASSED, result


def test_a_route_without_authentication_fails_with_its_place(tmp_path: Path) -> None:
    result = run(tmp_path, "route-authentication", api__visits=ROUTER + ROUTE)
    assert result.outcome is Outcome.FAILED
    assert result.summary == (
        "api/visits.py:2: the route /visits/{id} has no authentication (route-authentication)"
    )
    session = ROUTE.replace("id: int", "db=Depends(session)")
    assert run(tmp_path, "route-authentication", api__visits=ROUTER + session).outcome is (
        Outcome.FAILED
    )
    public = 'public: ["/visits/*"]'
    assert run(tmp_path, "route-authentication", public).outcome is Outcome.PASSED


def test_what_mounts_a_router_can_authenticate(tmp_path: Path) -> None:
    main = (
        "from api import visits\nfrom api.patients import router as patients\n"
        "guarded = APIRouter(dependencies=[Depends(current_user)])\n"
        "guarded.include_router(visits.router)\n"
        "app.include_router(patients, dependencies=[Depends(current_user)])\n"
    )
    patients = ROUTER + ROUTE
    files = {"api__visits": ROUTER + ROUTE, "api__patients": patients, "main": main}
    assert run(tmp_path, "route-authentication", **files).outcome is Outcome.PASSED
    twice = main + "app.include_router(visits.router)\n"
    assert run(tmp_path, "route-authentication", main=twice).outcome is Outcome.FAILED


def test_code_without_routes_cannot_be_told(tmp_path: Path) -> None:
    result = run(tmp_path, "route-authentication", a="x = 1\n")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    "source",
    ["def (:\n", "x = " + "(" * 5_000, "x = " + "-" * 100_000 + "1", "x = '\x00'", "\ufeff\ufeffx"],
)
def test_source_that_does_not_parse_cannot_be_told(tmp_path: Path, source: str) -> None:
    result = run(tmp_path, "debug-flag", a=source)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.summary.startswith("a.py: ")


def test_tests_are_left_out_and_nothing_left_cannot_be_told(tmp_path: Path) -> None:
    result = run(tmp_path, "debug-flag", tests__a="breakpoint()\n")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert run(tmp_path, "debug-flag", "exclude: []").outcome is Outcome.FAILED


def test_a_path_that_leaves_the_checkout_cannot_be_told(tmp_path: Path) -> None:
    result = run(tmp_path, "debug-flag", "path: ../a.py")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


@pytest.mark.parametrize(
    "text", ["{}", "rules: []", "rules: [no-rule]", "{rules: [debug-flag], path: []}"]
)
def test_options_that_assert_nothing_or_are_wrong_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
