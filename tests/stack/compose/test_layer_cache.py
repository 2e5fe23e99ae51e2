from typing import Any

import pytest

from readiness_gate.stack.compose.layer_cache import (
    LayerCache,
    can_export,
    offered_cache,
    with_cache,
)

FIRST = {"ACTIONS_RUNTIME_TOKEN": "t0ken", "ACTIONS_CACHE_URL": "https://cache.example/"}
SECOND = {
    **FIRST,
    "ACTIONS_RESULTS_URL": "https://results.example/",
    "ACTIONS_CACHE_SERVICE_V2": "True",
}


@pytest.mark.parametrize(
    ("variables", "cache"),
    [
        ({}, None),
        ({"ACTIONS_RUNTIME_TOKEN": "t0ken"}, None),
        ({"ACTIONS_CACHE_URL": "https://cache.example/"}, None),
        (FIRST, LayerCache("https://cache.example/", "t0ken")),
        (SECOND, LayerCache("https://results.example/", "t0ken", 2)),
    ],
)
def test_a_runner_offers_a_cache_or_not(
    variables: dict[str, str], cache: LayerCache | None
) -> None:
    assert offered_cache(variables) == cache


def test_only_the_store_of_containerd_exports() -> None:
    assert can_export({"DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]})
    assert not can_export({"DriverStatus": [["Backing Filesystem", "extfs"]]})
    assert not can_export({})


def test_builds_read_and_write_it_and_images_of_others_do_not() -> None:
    data: dict[str, Any] = {
        "name": "rg-1",
        "services": {
            "web": {"build": {"context": "/w", "cache_from": ["acme/web:main"]}},
            "db": {"image": "postgres:17"},
        },
    }
    found = with_cache(data, LayerCache("https://cache.example/", "t0ken"))
    entry = "type=gha,version=1,scope=readiness-gate-web,url=https://cache.example/,token=t0ken"
    assert found["services"]["web"]["build"] == {
        "context": "/w",
        "cache_from": ["acme/web:main", entry],
        "cache_to": [f"{entry},mode=max,ignore-error=true"],
    }
    assert found["services"]["db"] == {"image": "postgres:17"}
    assert "cache_to" not in data["services"]["web"]["build"]


def test_the_second_service_has_its_own_address() -> None:
    assert "version=2," in LayerCache("https://x/", "t", 2).attributes("web")
    assert "url_v2=https://x/" in LayerCache("https://x/", "t", 2).attributes("web")


def test_the_token_is_not_shown() -> None:
    assert "t0ken" not in repr(LayerCache("https://cache.example/", "t0ken"))
