import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

ROOT = Path(__file__).parent.parent
BEFORE_THE_CLEAN_UP = "c05e319d2b7a"


def orphans(file: Path) -> int:
    with sqlite3.connect(file) as connection:
        return len(connection.execute("PRAGMA foreign_key_check").fetchall())


def rows(file: Path) -> list[str]:
    with sqlite3.connect(file) as connection:
        return sorted(line for line in connection.iterdump() if line.startswith("INSERT"))


@pytest.mark.usefixtures("client")
def test_every_connection_of_the_application_enforces_foreign_keys() -> None:
    from clinic.database import engine  # noqa: PLC0415

    opened = [engine.connect() for _ in range(4)]
    enforced = [connection.scalar(text("PRAGMA foreign_keys")) for connection in opened]
    for connection in opened:
        connection.close()
    assert enforced == [1, 1, 1, 1]


def test_a_patient_with_a_history_stays(client: TestClient) -> None:
    assert client.delete("/patients/1").status_code == 409
    assert client.get("/patients/1").status_code == 200


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_clean_up_takes_84_orphans_away_and_can_bring_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import create_data  # noqa: PLC0415

    file = tmp_path / "clinic.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    config = Config(ROOT / "alembic.ini")
    command.upgrade(config, BEFORE_THE_CLEAN_UP)
    unguarded = create_engine(f"sqlite:///{file}")
    create_data.fill(unguarded)
    assert list(create_data.remove(unguarded)) == []
    unguarded.dispose()
    before = rows(file)
    assert orphans(file) == 84

    command.upgrade(config, "head")
    assert orphans(file) == 0

    command.downgrade(config, BEFORE_THE_CLEAN_UP)
    assert orphans(file) == 84
    assert [row for row in rows(file) if "alembic_version" not in row] == [
        row for row in before if "alembic_version" not in row
    ]
