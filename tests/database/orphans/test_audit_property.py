import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from readiness_gate.database.catalogue import foreign_keys
from readiness_gate.database.connection import reading
from readiness_gate.database.orphans import count

TYPES = ("INTEGER", "TEXT", "TEXT COLLATE NOCASE", "REAL", "NUMERIC", "BLOB", "")
VALUES = st.one_of(
    st.integers(-2, 3),
    st.sampled_from(["1", "01", " 1", "a", "A", "b", "1.0", "", "2.5"]),
    st.sampled_from([1.0, 2.5, 0.0]),
    st.binary(max_size=1),
)


@settings(max_examples=50, deadline=None)
@given(
    parent=st.sampled_from(TYPES),
    child=st.sampled_from(TYPES),
    index=st.booleans(),
    parents=st.lists(VALUES, max_size=4),
    children=st.lists(st.one_of(st.none(), VALUES), max_size=6),
)
@example(parent="TEXT", child="BLOB", index=True, parents=[0], children=[0, 0.0])
@example(parent="TEXT", child="", index=True, parents=[0], children=[0.0, 0])
@example(parent="TEXT COLLATE NOCASE", child="TEXT", index=True, parents=["a"], children=["A"])
@example(parent="TEXT", child="TEXT COLLATE NOCASE", index=True, parents=["a"], children=["A", "a"])
def test_sqlite_s_own_check_counts_the_same_under_every_affinity_and_collation(
    parent: str, child: str, index: bool, parents: Sequence[object], children: Sequence[object]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.db")
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE p (k {parent} NOT NULL UNIQUE)")
        connection.execute(f"CREATE TABLE c (k {child} REFERENCES p(k))")
        if index:
            connection.execute("CREATE INDEX i ON c (k)")
        connection.executemany("INSERT OR IGNORE INTO p VALUES (?)", [(each,) for each in parents])
        connection.executemany("INSERT INTO c VALUES (?)", [(each,) for each in children])
        connection.commit()
        theirs = len(connection.execute("PRAGMA foreign_key_check").fetchall())
        connection.close()
        with reading(f"sqlite:///{path}") as session:
            (key,) = foreign_keys(session)
            ours = count(session, key)
    assert (ours.rows, ours.error) == (theirs, "")
