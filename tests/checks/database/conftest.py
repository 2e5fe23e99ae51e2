from tests.database.postgres import postgres, postgres_server
from tests.database.sqlite import sqlite

__all__ = ["postgres", "postgres_server", "sqlite"]
