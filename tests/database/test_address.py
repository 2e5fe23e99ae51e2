from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from readiness_gate.database.address import (
    at,
    derive,
    dialect,
    dialect_of_image,
    resolve,
    shown,
    sqlite_file,
)
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError


@pytest.mark.parametrize(
    ("image", "environment", "expected"),
    [
        ("postgres:17", {}, "postgresql"),
        ("docker.io/library/postgres:17-alpine@sha256:00", {}, "postgresql"),
        ("registry:5000/team/postgis:16", {}, "postgresql"),
        ("bitnami/postgresql", {}, "postgresql"),
        ("mariadb:11", {}, "mariadb"),
        ("mysql:8.4", {}, "mysql"),
        ("shop-db:latest", {"PG_MAJOR": "17"}, "postgresql"),
        ("redis:8", {}, None),
        ("postgres-exporter:1", {}, None),
        ("", {}, None),
    ],
)
def test_a_database_is_recognised_by_its_image(
    image: str, environment: Mapping[str, str], expected: str | None
) -> None:
    assert dialect_of_image(image, environment) == expected


@pytest.mark.parametrize(
    ("image", "environment", "expected"),
    [
        ("postgres:17", {}, "postgresql+psycopg://postgres@db:5432/postgres"),
        (
            "postgres:17",
            {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "p@ss/:%"},
            "postgresql+psycopg://shop:p%40ss%2F%3A%25@db:5432/shop",
        ),
        (
            "postgres:17",
            {"POSTGRES_USER": "shop", "POSTGRES_DB": "orders"},
            "postgresql+psycopg://shop@db:5432/orders",
        ),
        (
            "mariadb:11",
            {"MYSQL_ROOT_PASSWORD": "r", "MARIADB_DATABASE": "d"},
            "mariadb+pymysql://root:r@db:5432/d",
        ),
        (
            "mysql:8",
            {"MYSQL_USER": "u", "MYSQL_PASSWORD": "p", "MYSQL_DATABASE": "d"},
            "mysql+pymysql://u:p@db:5432/d",
        ),
    ],
)
def test_the_official_images_variables_and_defaults_make_the_url(
    image: str, environment: Mapping[str, str], expected: str
) -> None:
    assert derive("db", image, environment, host="db", port=5432) == expected


def test_an_unknown_image_and_a_password_in_a_file_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="service cache runs redis:8"):
        derive("cache", "redis:8", {}, host="h", port=1)
    with pytest.raises(ConfigurationError, match="POSTGRES_PASSWORD from a file"):
        derive("db", "postgres:17", {"POSTGRES_PASSWORD_FILE": "/x"}, host="h", port=1)


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_name_and_password_survive_the_url(user: str, password: str, name: str) -> None:
    environment = {"POSTGRES_USER": user, "POSTGRES_PASSWORD": password, "POSTGRES_DB": name}
    url = make_url(derive("db", "postgres", environment, host="::1", port=5))
    assert (url.username, url.password, url.database) == (user, password, name)
    assert (url.host, url.port) == ("::1", 5)


def test_a_sqlite_path_is_relative_to_the_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    expected = f"sqlite:///{workspace.root}/data/app.db"
    assert resolve("sqlite:///data/app.db", workspace) == expected
    assert resolve("sqlite+aiosqlite:///./data/app.db?cache=shared", workspace) == expected
    assert resolve("sqlite:////var/app.db", workspace) == "sqlite:////var/app.db"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory",
        "sqlite:///../outside.db",
        "oracle://u@h/d",
        "nonsense",
        "",
        "postgresql://h:port/d",
    ],
)
def test_a_url_that_cannot_be_audited_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError):
        resolve(url, Workspace(tmp_path))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("mysql+aiomysql://u:p@h/d", "mysql+pymysql://u:p@h/d"),
    ],
)
def test_a_driver_of_the_application_becomes_ours(tmp_path: Path, url: str, expected: str) -> None:
    assert resolve(url, Workspace(tmp_path)) == expected


def test_the_file_behind_a_url_is_told(tmp_path: Path) -> None:
    url = resolve("sqlite:///a folder/b%20c.db", Workspace(tmp_path))
    assert sqlite_file(url) == tmp_path.resolve() / "a folder/b c.db"
    assert sqlite_file("postgresql://h/d") is None


def test_a_url_of_the_inside_is_reached_from_where_we_are() -> None:
    assert at("postgresql://u:p@db:5432/d", host="172.18.0.2", port=6) == (
        "postgresql://u:p@172.18.0.2:6/d"
    )
    assert dialect("mariadb+pymysql://u@h/d") == "mariadb"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@h/d",
        "postgresql://u@h/d?password=hunter2",
        "mysql://u:hunter2@h:notaport/d",
        "hunter2",
    ],
)
def test_a_password_is_never_shown(url: str, tmp_path: Path) -> None:
    assert "hunter2" not in shown(url)


@pytest.mark.parametrize("url", ["mysql://u:hunter2@h:notaport/d", "hunter2", "db2://u:hunter2@h"])
def test_a_refusal_does_not_repeat_the_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        resolve(url, Workspace(tmp_path))
    assert "hunter2" not in caught.value.message + caught.value.advice
