"""The application: `uvicorn shop.main:app`."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from shop.api import access, health, orders, products
from shop.settings import Settings, settings


def create_app(chosen: Settings) -> FastAPI:
    """Put the routes and the CORS rules together."""
    app = FastAPI(title="Shop", version="0.3.0")
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(chosen.cors_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type"],
    )
    for routes in (health, access, products, orders):
        app.include_router(routes.router)
    return app


app = create_app(settings())
