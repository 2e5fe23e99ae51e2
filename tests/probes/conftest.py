from tests.database.mariadb import mariadb, mariadb_server
from tests.database.postgres import postgres, postgres_server
from tests.database.sqlite import sqlite

__all__ = ["mariadb", "mariadb_server", "postgres", "postgres_server", "sqlite"]
