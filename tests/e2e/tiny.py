"""Small repositories for one question each: a file server, a PostgreSQL with three tables."""

from collections.abc import Mapping
from pathlib import Path

from tests.e2e.repository import commit, git, write

COMPOSE = """\
services:
  web:
    image: nginx:1.26
    volumes: ["./site:/usr/share/nginx/html:ro"]
    expose: ["80"]
    healthcheck:
      test: [CMD, bash, -c, "exec 3<>/dev/tcp/127.0.0.1/80"]
      interval: 1s
      retries: 20
"""
CONFIG = """\
version: 1
stack:
  files: [docker-compose.yml]
  wait-timeout: 30s
  settle: 1s
  base-url: http://web:80
items:
  greets:
    check: http
    with: {url: /greeting.txt, status: 200, body: {contain-substring: hello}}
"""
DATABASE_COMPOSE = """\
services:
  db:
    image: postgres:17
    environment: {POSTGRES_USER: shop, POSTGRES_PASSWORD: only-for-this-test, POSTGRES_DB: shop}
    volumes: ["./begin.sql:/docker-entrypoint-initdb.d/begin.sql:ro"]
    healthcheck:
      test: [CMD, pg_isready, -U, shop, -d, shop, -h, 127.0.0.1]
      interval: 1s
      retries: 30
"""
DATABASE_CONFIG = """\
version: 1
stack: {files: [docker-compose.yml], wait-timeout: 60s, settle: 1s}
databases: {main: {service: db}}
items:
  enforced: {check: foreign-key-enforcement, with: {database: main}}
  no-orphans: {check: orphaned-rows, with: {database: main}}
  explicit:
    check: foreign-key-policy
    with: {database: main, require-explicit: true}
"""
TABLES = """\
CREATE TABLE customers (id integer PRIMARY KEY);
CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers (id) ON DELETE RESTRICT
);
INSERT INTO customers VALUES (1), (2);
INSERT INTO orders VALUES (10, 1), (11, 2);
"""
ORPHAN = """\
ALTER TABLE orders DISABLE TRIGGER ALL;
INSERT INTO orders VALUES (12, 99);
ALTER TABLE orders ENABLE TRIGGER ALL;
"""


def repository(folder: Path, files: Mapping[str, str]) -> Path:
    """Return a folder that is a git repository with these files in one commit."""
    folder.mkdir()
    write(folder, files)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://github.com/acme/tiny.git")
    commit(folder, "Begin")
    folder.chmod(0o755)  # so that users inside containers may pass
    return folder


def web(folder: Path, *, config: str = CONFIG, compose: str = COMPOSE) -> Path:
    """Return a repository whose stack is one file server."""
    return repository(
        folder,
        {
            ".github/readiness.yml": config,
            "docker-compose.yml": compose,
            "site/greeting.txt": "hello\n",
        },
    )


def database(folder: Path, *, tables: str = TABLES) -> Path:
    """Return a repository whose stack is one PostgreSQL."""
    return repository(
        folder,
        {
            ".github/readiness.yml": DATABASE_CONFIG,
            "docker-compose.yml": DATABASE_COMPOSE,
            "begin.sql": tables,
        },
    )
