import pytest

from readiness_gate.checks.api_routes import Route, prefixes, routes

SOURCE = """
from fastapi import APIRouter
router = APIRouter(prefix="/orders", tags=["orders"])
hidden = fastapi.APIRouter(include_in_schema=False)

@router.get("/{order_id}")
async def show(order_id: int): ...

@router.post("")
def take(): ...

@router.delete(path="/x", include_in_schema=False)
@cached("/no/route")
def away(): ...

@hidden.put("/admin")
def admin(): ...

@router.get(VARIABLE)
def unknown(): ...

@client.get("/elsewhere")
def other(): ...
"""


def test_the_routes_of_a_module_are_read_and_nothing_runs() -> None:
    assert list(routes(SOURCE)) == [
        Route("GET", "/orders/{order_id}", 6, False),
        Route("POST", "/orders", 9, False),
        Route("DELETE", "/orders/x", 12, True),
        Route("PUT", "/admin", 16, True),
        Route("GET", "/elsewhere", 22, False, owner="client"),
    ]


FORMS = """
app: FastAPI = FastAPI()
r: APIRouter = APIRouter(prefix="/v1")
bare: APIRouter

@app.get("/")
def home(): ...

@r.api_route("/a", methods=["get", "POST"])
def several(): ...

@r.api_route("/b")
def read(): ...

@r.api_route("/c", methods=METHODS)
def who_knows(): ...

@self.inner.get("/d")
def inner(): ...

@imported.api_route(path="/e", methods={"PUT"}, include_in_schema=False)
def put(): ...

@cache.get("key")
@mock.patch("module.name")
@bare.get("")
@api.trace("/f")
def none(): ...
"""


def test_annotated_apps_and_routes_of_several_methods_are_read() -> None:
    assert list(routes(FORMS)) == [
        Route("GET", "/", 6, False),
        Route("GET", "/v1/a", 9, False),
        Route("POST", "/v1/a", 9, False),
        Route("GET", "/v1/b", 12, False),
        Route("", "/v1/c", 15, False),
        Route("GET", "/d", 18, False, owner="self.inner"),
        Route("PUT", "/e", 21, True, owner="imported"),
        Route("GET", "", 26, False, owner="bare"),
        Route("TRACE", "/f", 27, False, owner="api"),
    ]


def test_prefixes_of_included_routers_are_read() -> None:
    source = """
app.include_router(orders.router, prefix="/orders")
app.include_router(plain.router)
def make(app):
    app.include_router(admin.router, prefix=settings.prefix)
    app.include_router(admin.router, prefix="/admin/")
"""
    assert list(prefixes(source)) == ["/orders", "/admin"]


@pytest.mark.parametrize("source", ["def", "(" * 5000, "a\x00b"])
def test_what_is_no_python_is_said(source: str) -> None:
    with pytest.raises(ValueError, match=r"is no Python|null"):
        list(routes(source))


@pytest.mark.parametrize("owner", ["a" + ".a" * 1500, "f()" + "()" * 1500, "a" + "[0]" * 1500])
def test_an_owner_may_be_nested_as_it_likes(owner: str) -> None:
    try:
        (route,) = routes(f"@{owner}.get('/x')\ndef x(): ...\n")
    except ValueError:
        return
    assert (route.path, len(route.owner) <= 80) == ("/x", True)
