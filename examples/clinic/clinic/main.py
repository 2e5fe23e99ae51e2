"""The application: `uvicorn clinic.main:app`."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from clinic.api import health, patients, visits
from clinic.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Put the routes and the CORS rules together."""
    app = FastAPI(title="Clinic", version="2.4.0")
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
    )
    app.include_router(health.router)
    app.include_router(patients.router)
    app.include_router(visits.router)
    return app


app = create_app(Settings.from_environment())
