"""A deployed copy as the target of a later stage (DESIGN 1.5, `environments`)."""

from typing import Any

import pytest

from readiness_gate.config.schema import EnvironmentConfig, GateConfig
from readiness_gate.engine.deployed import deployed, endpoints_of, environment_named
from readiness_gate.errors import ConfigurationError

API = "https://api.example"


def config(**given: Any) -> GateConfig:
    production = {"endpoints": {"backend": API}, "prometheus": "https://prometheus.example"}
    return GateConfig.model_validate(
        {"version": 1, "environments": {"production": production}, **given}
    )


def target(given: GateConfig, **environment: Any) -> GateConfig:
    chosen = environment or {"endpoints": {"backend": API}}
    return deployed(given, EnvironmentConfig.model_validate(chosen))


def test_an_environment_is_found_by_its_name() -> None:
    found = environment_named(config(), "production", asked_for=True)
    assert found is not None
    assert endpoints_of(found) == {"backend": API, "prometheus": "https://prometheus.example"}


def test_a_name_that_was_asked_for_has_to_be_there() -> None:
    with pytest.raises(ConfigurationError, match="there is no 'prodution'") as said:
        environment_named(config(), "prodution", asked_for=True)
    assert "did you mean 'production'" in said.value.message
    assert "production" in said.value.advice


def test_a_deployment_of_github_may_have_any_name_where_no_environment_is_described() -> None:
    assert environment_named(config(environments={}), "preview-17", asked_for=False) is None
    assert environment_named(config(), None, asked_for=False) is None


def test_a_deployed_copy_that_nobody_described_is_not_judged_by_another_system() -> None:
    with pytest.raises(ConfigurationError, match="there is no 'preview-17'") as said:
        environment_named(config(), "preview-17", asked_for=False)
    assert "`if:`" in said.value.advice


def test_nothing_of_the_stack_is_booted() -> None:
    stack = {"files": ["compose.yml"], "environment": ["SECRET"], "base-url": "http://backend:8000"}
    own = {"main": {"service": "db"}, "other": {"url": "sqlite:///data/other.db"}}
    found = target(config(stack=stack, databases=own))
    assert found.stack is not None
    assert (found.stack.driver, found.stack.environment) == ("external", ())
    assert set(found.databases) == {"other"}


@pytest.mark.parametrize(
    ("base_url", "endpoints", "starts_at"),
    [
        (
            "http://Backend:8000/api",
            {"backend": API, "web": "https://x"},
            "http://Backend:8000/api",
        ),
        (None, {"backend": API}, API),
        ("http://localhost:8000", {"backend": API}, API),
        (None, {"backend": API, "web": "https://web.example"}, None),
        (None, {}, None),
    ],
)
def test_where_paths_start(
    base_url: str | None, endpoints: dict[str, str], starts_at: str | None
) -> None:
    stack = {"base-url": base_url} if base_url else {}
    found = target(config(stack=stack), endpoints=endpoints, allow=["load"])
    assert found.stack is not None
    assert found.stack.base_url == starts_at


@pytest.mark.parametrize(
    "url", ["api.example", "ftp://api.example", "https://", "https://u:p@api.example", f"{API}?x=1"]
)
def test_an_endpoint_is_a_base_url(url: str) -> None:
    with pytest.raises(ValueError, match="write a URL"):
        EnvironmentConfig.model_validate({"endpoints": {"backend": url}})
