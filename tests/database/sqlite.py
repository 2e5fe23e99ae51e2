"""A SQLite file for one test."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.engine import URL


class File:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.execute("PRAGMA user_version = 1")

    @property
    def url(self) -> str:
        return URL.create("sqlite", database=str(self.path)).render_as_string()

    def execute(self, statements: str) -> None:
        connection = sqlite3.connect(self.path)
        connection.executescript(statements)
        connection.close()

    def value(self, statement: str) -> object:
        connection = sqlite3.connect(self.path)
        row = connection.execute(statement).fetchone()
        connection.close()
        return None if row is None else row[0]


@pytest.fixture
def sqlite(tmp_path: Path) -> File:
    return File(tmp_path / "a folder%20?#.db")
