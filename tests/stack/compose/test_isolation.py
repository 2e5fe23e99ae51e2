from typing import Any

from readiness_gate.stack.compose.isolation import Isolated, isolate

PROJECT = "rg-1-1-aa"
LABELS = {"readiness-gate.project": PROJECT, "readiness-gate.owner": "container:f00"}


def isolated(services: dict[str, Any], *, publish: bool = False, **rest: Any) -> Isolated:
    data = {"name": "shop", "services": services, **rest}
    return isolate(data, project=PROJECT, labels=LABELS, publish=publish)


def body(result: Isolated, name: str = "web") -> dict[str, Any]:
    return dict(result.data["services"][name])


def test_host_ports_and_fixed_names_are_dropped() -> None:
    ports = [{"target": 8000, "published": "8000", "protocol": "tcp"}]
    web = body(isolated({"web": {"image": "a", "ports": ports, "container_name": "web"}}))
    assert "ports" not in web
    assert "container_name" not in web


def test_where_containers_cannot_be_reached_ports_become_random_ones_of_loopback() -> None:
    ports = [{"target": 8000, "published": "80", "host_ip": "0.0.0.0", "protocol": "tcp"}]
    web = body(
        isolated({"web": {"image": "a", "ports": ports, "expose": ["9000-9001/tcp"]}}, publish=True)
    )
    assert web["ports"] == [
        {"mode": "ingress", "target": 8000, "protocol": "tcp", "host_ip": "127.0.0.1"},
        {"mode": "ingress", "target": 9000, "protocol": "tcp", "host_ip": "127.0.0.1"},
        {"mode": "ingress", "target": 9001, "protocol": "tcp", "host_ip": "127.0.0.1"},
    ]


def test_the_image_name_of_a_built_service_is_dropped_so_that_nobody_s_tag_is_overwritten() -> None:
    web = {"build": {"context": "/w", "tags": ["acme/web:2"]}, "image": "acme/web:1"}
    result = isolated({"web": web})
    assert "image" not in body(result)
    assert "tags" not in body(result)["build"]
    assert result.images == {"web": f"{PROJECT}-web"}


def test_a_service_that_uses_what_another_builds_gets_the_same_image() -> None:
    result = isolated(
        {
            "backend": {"build": {"context": "/w"}, "image": "acme/backend"},
            "worker": {"image": "acme/backend"},
        }
    )
    assert body(result, "worker")["image"] == f"{PROJECT}-backend"
    assert result.built_by == {"backend": "backend", "worker": "backend"}


def test_equal_builds_are_done_once() -> None:
    result = isolated(
        {
            "api": {"build": {"context": "/w", "target": "app"}},
            "other": {"build": {"context": "/w", "target": "tests"}},
            "worker": {"build": {"context": "/w", "target": "app"}},
        }
    )
    assert result.built_by == {"api": "api", "other": "other", "worker": "api"}
    assert "build" not in body(result, "worker")


def test_an_enabled_service_builds_before_one_that_is_only_run_by_name() -> None:
    services = {"api-tests": {"build": {"context": "/w"}}, "web": {"build": {"context": "/w"}}}
    result = isolate(
        {"services": services}, project=PROJECT, labels=LABELS, publish=False, first=["web"]
    )
    assert result.built_by == {"web": "web", "api-tests": "web"}


def test_everything_carries_the_labels_and_the_project_s_name() -> None:
    result = isolated(
        {"web": {"build": {"context": "/w", "labels": {"own": "1"}}, "labels": {"a": "b"}}},
        networks={"default": {"name": "shop_default"}, "back": None},
        volumes={"data": {"name": "shared-by-all", "labels": {"c": "d"}}},
    )
    assert {"a": "b", **LABELS}.items() <= body(result)["labels"].items()
    assert body(result)["build"]["labels"] == {"own": "1", "readiness-gate.project": PROJECT}
    assert result.data["networks"]["default"]["name"] == f"{PROJECT}_default"
    assert result.data["networks"]["back"]["labels"] == LABELS
    assert result.data["volumes"]["data"]["name"] == f"{PROJECT}_data"
    assert result.data["volumes"]["data"]["labels"] == {"c": "d", **LABELS}


def test_labels_of_the_project_cannot_pose_as_ours() -> None:
    web = {"image": "a", "labels": {"readiness-gate.owner": "container:else"}}
    assert body(isolated({"web": web}))["labels"]["readiness-gate.owner"] == "container:f00"


def test_nothing_is_pulled_later_than_the_build_step() -> None:
    result = isolated({"web": {"image": "a", "pull_policy": "always"}})
    assert body(result)["pull_policy"] == "never"
    assert result.always_pulled == {"web"}


def test_the_model_that_was_judged_is_not_changed() -> None:
    data = {"services": {"web": {"image": "a", "container_name": "web"}}}
    isolate(data, project=PROJECT, labels=LABELS, publish=False)
    assert data == {"services": {"web": {"image": "a", "container_name": "web"}}}


def test_part_of_a_model_depends_on_nothing_else() -> None:
    needs = {"db": {"condition": "service_healthy"}, "mail": {"condition": "service_started"}}
    result = isolated(
        {"web": {"image": "a", "depends_on": needs}, "db": {"image": "b"}, "mail": {"image": "c"}}
    ).only(["web", "db"])
    assert set(result.data["services"]) == {"web", "db"}
    assert set(body(result)["depends_on"]) == {"db"}
