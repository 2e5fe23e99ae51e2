"""A fresh, migrated database for every test run; no network."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient

ROOT = Path(__file__).parent.parent
FOLDER = tempfile.TemporaryDirectory(prefix="clinic-tests-")
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER.name}/clinic.db"


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """The application on a database at the newest revision, filled once."""
    import create_data  # noqa: PLC0415 - reads DATABASE_URL
    from clinic.database import engine  # noqa: PLC0415
    from clinic.main import app  # noqa: PLC0415

    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    create_data.fill(engine)
    with TestClient(app) as opened:
        yield opened
    engine.dispose()
    FOLDER.cleanup()
