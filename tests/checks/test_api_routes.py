import pytest

from readiness_gate.checks.api_routes import Route, routes

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
    ]


@pytest.mark.parametrize("source", ["def", "(" * 5000, "a\x00b"])
def test_what_is_no_python_is_said(source: str) -> None:
    with pytest.raises(ValueError, match=r"is no Python|null"):
        list(routes(source))
