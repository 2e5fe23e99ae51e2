from tests.database.sqlite import sqlite

__all__ = ["sqlite"]
