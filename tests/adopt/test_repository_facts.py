"""What is found in a checkout, and that nothing odd in it stops the import."""

from pathlib import Path

import pytest

from readiness_gate.adopt.target import target_of
from tests.adopt.builders import CLINIC, SHOP, facts_of


def test_the_shop() -> None:
    facts = facts_of(SHOP)
    assert facts.compose_files == ("docker-compose.yml",)
    assert facts.application is not None
    assert facts.application.name == "backend"
    assert facts.application.ports == (8000,)
    assert facts.worker is not None
    assert facts.worker.name == "worker"
    database = facts.service("database")
    assert database is not None
    assert database.volumes == ("/var/lib/postgresql/data",)
    assert (facts.health, facts.ready, facts.openapi) == ("/health", "/ready", "/openapi.json")
    assert "/products" in facts.paths
    assert "/auth/token" in facts.written_to
    assert facts.alembic == "backend/alembic.ini"
    assert facts.environment_file == ".env.ci"
    assert facts.kubernetes == "deploy/k8s/**/*.yaml"


def test_the_clinic() -> None:
    facts = facts_of(CLINIC)
    assert facts.services == ()
    assert facts.engine == "clinic.database:engine"
    assert facts.metadata == "clinic.models:Base"
    assert facts.sqlite == "sqlite:///data/clinic.db"


def test_reports_are_where_the_pipeline_leaves_them(tmp_path: Path) -> None:
    run = "pytest --junitxml=out/junit.xml --cov-report=xml:./out/cov.xml"
    facts = facts_of(tmp_path, {".github/workflows/ci.yml": f"jobs: {{a: {{run: {run}}}}}"})
    assert (facts.junit, facts.coverage) == ("out/junit.xml", "out/cov.xml")


def test_reports_outside_the_checkout_are_none(tmp_path: Path) -> None:
    run = "pytest --junitxml=/tmp/junit.xml --cov-report=xml:../cov.xml"
    facts = facts_of(tmp_path, {"pytest.ini": run})
    assert (facts.junit, facts.coverage) == (None, None)


def test_a_service_is_what_its_image_says_and_not_its_name(tmp_path: Path) -> None:
    compose = (
        "services:\n  store: {image: 'postgres:17', volumes: ['d:/var/lib/postgresql/data']}\n"
        "  redis-ui: {build: ui, ports: ['80:8081']}\n  cache: {image: 'valkey/valkey:8'}\n"
        "  api: {build: ., ports: [{target: 9000}]}\n"
    )
    facts = facts_of(tmp_path, {"compose.yaml": compose})
    assert [one.kind for one in facts.services] == ["database", "", "redis", ""]
    assert facts.application is not None
    assert facts.application.name == "api"
    assert target_of(facts).stack["base-url"] == "http://api:9000"


@pytest.mark.parametrize(
    "compose",
    ["", "- a", "services: {a: 1}", "services: [", "include: [compose.yaml]", "a: &a [*a]"],
)
def test_a_compose_file_that_cannot_be_read_is_no_stack(compose: str, tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {"compose.yaml": compose})
    assert facts.services == ()
    assert target_of(facts).stack == {}


def test_an_unset_variable_as_a_port_is_no_port(tmp_path: Path) -> None:
    compose = "services:\n  api: {build: ., ports: ['${PORT}']}\n"
    assert target_of(facts_of(tmp_path, {"compose.yml": compose})).notes == (
        "which service answers relative URLs is unknown: set stack.base-url",
        "no database was found: configure `databases` by hand where there is one",
    )


@pytest.mark.parametrize(
    ("file", "url", "found"),
    [
        ("alembic.ini", "sqlite:///parcels.db", "sqlite:///parcels.db"),
        ("alembic.ini", "postgresql://localhost/parcels", None),
        ("alembic.ini", "sqlite:///%(here)s/parcels.db", None),
        ("backend/alembic.ini", "sqlite:///parcels.db", None),
    ],
)
def test_a_sqlite_file_is_also_known_from_alembics_configuration_at_the_root(
    file: str, url: str, found: str | None, tmp_path: Path
) -> None:
    text = f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n"
    assert facts_of(tmp_path, {file: text}).sqlite == found
