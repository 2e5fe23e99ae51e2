"""The application: `uvicorn shop.main:app`."""

from fastapi import FastAPI, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

from shop import logs
from shop.api import access, health, orders, products, staff
from shop.breaks import broken
from shop.edge import watched
from shop.settings import Settings, settings


def create_app(chosen: Settings) -> FastAPI:
    """Put the routes and the rules of the house together."""
    app = FastAPI(title="Shop", version="0.3.0")
    app.middleware("http")(watched)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[] if broken("cors") else list(chosen.cors_origins),
        allow_origin_regex=".*" if broken("cors") else None,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
    )
    for routes in (health, access, products, orders, staff):
        app.include_router(routes.router)
    app.add_exception_handler(RequestValidationError, refused)
    if broken("undescribed"):
        app.add_api_route("/debug", lambda: {"debug": True}, include_in_schema=False)
    return app


async def refused(_request: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with the input, without the input: it may be a password, or too deep."""
    if broken("validation") or not isinstance(error, RequestValidationError):
        return JSONResponse({"detail": "unexpected"}, status.HTTP_500_INTERNAL_SERVER_ERROR)
    problems = [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]
    return JSONResponse({"detail": problems}, status.HTTP_422_UNPROCESSABLE_CONTENT)


logs.set_up()
app = create_app(settings())
