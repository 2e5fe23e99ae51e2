from typing import Any

from readiness_gate.stack.base import Published
from readiness_gate.stack.compose.model import ComposeModel, Service
from readiness_gate.stack.judge import Dependency


def model(services: dict[str, Any], *profiles: str) -> ComposeModel:
    return ComposeModel({"services": services}, profiles)


def test_services_of_other_profiles_are_known_and_not_started() -> None:
    found = model(
        {"web": {}, "tests": {"profiles": ["test"]}, "debug": {"profiles": ["d", "e"]}}, "e"
    )
    assert tuple(found.services) == ("debug", "web")
    assert tuple(found.all_services) == ("debug", "tests", "web")


def test_what_an_enabled_service_needs_is_enabled() -> None:
    needs = {"db": {"condition": "service_healthy", "required": True}}
    found = model({"web": {"depends_on": needs}, "db": {"profiles": ["x"]}})
    assert tuple(found.services) == ("db", "web")


def test_a_service_scaled_to_nothing_is_not_started() -> None:
    assert tuple(model({"web": {}, "spare": {"deploy": {"replicas": 0}}}).services) == ("web",)


def test_dependencies_come_from_every_way_to_share() -> None:
    service = Service(
        "web",
        {
            "depends_on": {"db": {"condition": "service_healthy", "required": False}},
            "network_mode": "service:vpn",
            "pid": "host",
            "volumes_from": ["data:ro", "container:other"],
            "links": ["cache:redis"],
        },
    )
    assert service.dependencies == (
        Dependency("cache"),
        Dependency("data"),
        Dependency("db", "service_healthy", required=False),
        Dependency("vpn"),
    )


def test_replicas_ports_and_variables() -> None:
    service = Service(
        "web",
        {
            "deploy": {"replicas": 3},
            "ports": [{"target": 8000}],
            "expose": ["9000/udp", "8000"],
            "environment": {"A": "x$$y", "B": None},
        },
    )
    assert service.replicas == 3
    assert service.ports == (8000, 9000)
    assert service.environment == {"A": "x$y"}
    assert Service("a", {"scale": 2}).replicas == 2
    assert Service("a", {"deploy": {"mode": "global", "replicas": 4}}).replicas == 1
    assert Service("a", {"deploy": {"replicas": 0}}).replicas == 0


def test_a_service_that_others_wait_to_complete_is_a_one_shot() -> None:
    needs = {"init": {"condition": "service_completed_successfully"}}
    found = model(
        {"init": {}, "web": {"depends_on": needs}, "job": {"deploy": {"mode": "replicated-job"}}}
    )
    expectations = found.expectations({"web": False})
    assert expectations["init"].declared_one_shot
    assert expectations["job"].declared_one_shot
    assert expectations["web"].one_shot is False


def test_ready_made_is_what_runs_on_from_images_of_others() -> None:
    found = model(
        {
            "db": {"image": "postgres:17"},
            "web": {"build": ".", "image": "web:1"},
            "worker": {"image": "web:1"},
            "broker": {"image": "broker:1", "depends_on": {"db": {}}},
            "proxy": {"image": "nginx:1.26", "depends_on": {"web": {}}},
            "set-up": {"image": "redis:8"},
            "store": {
                "image": "redis:8",
                "depends_on": {"set-up": {"condition": "service_completed_successfully"}},
            },
            "tests": {"image": "redis:8", "profiles": ["tests"]},
        }
    )
    made = [name for name in found.all_services if found.ready_made(name)]
    assert made == ["broker", "db", "set-up"]


def test_published_ports_have_a_number_on_the_machine() -> None:
    ports = [
        {"target": 8000, "published": "18080", "protocol": "tcp"},
        {"target": 53, "published": "5353", "protocol": "udp"},
        {"target": 9000},
        {"target": 80, "published": "8000-8010"},
    ]
    found = model({"web": {"ports": ports}, "off": {"ports": ports, "profiles": ["x"]}})
    assert found.published == (Published(18080, "web", 8000),)
