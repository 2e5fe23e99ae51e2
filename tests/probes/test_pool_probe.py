import sys
from pathlib import Path

import pytest

from readiness_gate.database.pool import Pool, arguments, parse, probe
from readiness_gate.doors.programs import HostPrograms

NONCE = "f00dfeedf00dfeed"
HEAD = """
from sqlalchemy import create_engine, pool
from sqlalchemy.orm import sessionmaker
URL = "postgresql+psycopg://shop:secret@db.invalid/shop"
engine = create_engine(URL, pool_size=4, max_overflow=2, pool_recycle=60, pool_pre_ping=True)
"""


def read(folder: Path, name: str, code: str = "") -> Pool:
    (folder / "shop_db.py").write_text(HEAD + code)
    done = HostPrograms({"PATH": "/usr/bin:/bin"}).run(
        [sys.executable, *arguments(f"shop_db:{name}", nonce=NONCE)],
        timeout=30,
        cwd=folder,
        stdin=probe(),
    )
    assert "secret" not in done.output
    return parse(done, nonce=NONCE)


SHOP = Pool("postgresql", "QueuePool", 4, 2, 60, pre_ping=True, user="shop")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("engine", ""),
        ("Session", "Session = sessionmaker(engine)"),
        ("make", "def make():\n    return sessionmaker(bind=engine)"),
        ("wrapped", "class wrapped:\n    sync_engine = engine"),
    ],
)
def test_engines_and_what_leads_to_one_are_read_without_a_connection(
    tmp_path: Path, name: str, code: str
) -> None:
    assert read(tmp_path, name, code) == SHOP


def test_defaults_and_other_classes_are_told(tmp_path: Path) -> None:
    assert read(tmp_path, "plain", "plain = create_engine(URL)") == Pool(
        "postgresql", "QueuePool", 5, 10, -1, pre_ping=False, user="shop"
    )
    none = read(tmp_path, "none", "none = create_engine(URL, poolclass=pool.NullPool)")
    assert (none.name, none.size, none.most) == ("NullPool", None, None)


@pytest.mark.parametrize(
    ("name", "message"),
    [("URL", "a str is no engine"), ("gone", "has no gone"), ("boom", "RuntimeError: no")],
)
def test_what_is_no_engine_is_no_answer(tmp_path: Path, name: str, message: str) -> None:
    code = "def boom():\n    raise RuntimeError('no')"
    with pytest.raises(ValueError, match=message):
        read(tmp_path, name, code)
