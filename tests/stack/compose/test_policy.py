"""The policy over the normalised model: hostile snippets, harmless ones, and what nobody knows."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.stack.compose.files import Refusal
from readiness_gate.stack.compose.policy import _FREE, _RULES, refusals

ROOT = Path("/work-of-policy-tests")


def judge(data: dict[str, Any], root: Path = ROOT, *allow: str) -> tuple[Refusal, ...]:
    return refusals(data, root=root, project_directory=root, allow=allow)


def service(**keys: Any) -> dict[str, Any]:
    return {"services": {"web": {"image": "a", **keys}}}


def bind(source: str, **keys: Any) -> dict[str, Any]:
    return service(volumes=[{"type": "bind", "source": source, "target": "/x", **keys}])


def build(**keys: Any) -> dict[str, Any]:
    return service(build={"context": str(ROOT), **keys})


HOSTILE: list[tuple[dict[str, Any], str, str]] = [
    (service(privileged=True), "services.web.privileged", "privileged"),
    (service(pid="host"), "services.web.pid", "pid"),
    (service(pid="container:other"), "services.web.pid", "pid"),
    (service(ipc="host"), "services.web.ipc", "ipc"),
    (service(uts="host"), "services.web.uts", "uts"),
    (service(userns_mode="host"), "services.web.userns_mode", "userns-mode"),
    (service(network_mode="host"), "services.web.network_mode", "host-network"),
    (service(network_mode="container:x"), "services.web.network_mode", "network-mode"),
    (service(network_mode="bridge"), "services.web.network_mode", "network-mode"),
    (service(cgroup="host"), "services.web.cgroup", "cgroup"),
    (service(cgroup_parent="/"), "services.web.cgroup_parent", "cgroup-parent"),
    (service(devices=[{"source": "/dev/sda"}]), "services.web.devices", "devices"),
    (service(device_cgroup_rules=["a *:* rwm"]), "services.web.device_cgroup_rules",
     "device-cgroup-rules"),
    (service(gpus="all"), "services.web.gpus", "gpus"),
    (service(runtime="evil"), "services.web.runtime", "runtime"),
    (service(cap_add=["CHOWN", "SYS_ADMIN"]), "services.web.cap_add[1]", "cap-add"),
    (service(cap_add=["ALL"]), "services.web.cap_add[0]", "cap-add"),
    (service(security_opt=["seccomp=unconfined"]), "services.web.security_opt[0]", "security-opt"),
    (service(security_opt=["apparmor:unconfined"]), "services.web.security_opt[0]",
     "security-opt"),
    (service(extra_hosts=["h=host-gateway"]), "services.web.extra_hosts", "host-gateway"),
    (service(extra_hosts={"h": "host-gateway"}), "services.web.extra_hosts", "host-gateway"),
    (service(logging={"driver": "syslog"}), "services.web.logging.driver", "logging-driver"),
    (service(oom_score_adj=-500), "services.web.oom_score_adj", "oom-score-adj"),
    (service(oom_kill_disable=True), "services.web.oom_kill_disable", "oom-kill-disable"),
    (service(volumes_from=["container:x"]), "services.web.volumes_from[0]", "volumes-from"),
    (service(external_links=["x:y"]), "services.web.external_links[0]", "external-links"),
    (service(provider={"type": "/tmp/x"}), "services.web.provider", "provider"),
    (service(use_api_socket=True), "services.web.use_api_socket", "use-api-socket"),
    (service(credential_spec={"file": "x"}), "services.web.credential_spec", "credential-spec"),
    (service(models={"m": {}}), "services.web.models", "models"),
    (service(post_start=[{"command": ["x"], "privileged": True}]),
     "services.web.post_start[0].privileged", "hooks"),
    (service(scale=1000), "services.web.scale", "many-replicas"),
    (service(deploy={"replicas": 1000}), "services.web.deploy.replicas", "many-replicas"),
    (service(deploy={"resources": {"reservations": {"devices": [{}]}}}),
     "services.web.deploy.resources.reservations.devices", "devices"),
    (bind("/"), "services.web.volumes[0].source", "bind-outside"),
    (bind("/etc"), "services.web.volumes[0].source", "bind-outside"),
    (bind(f"{ROOT}/../elsewhere"), "services.web.volumes[0].source", "bind-outside"),
    (bind("/var/run/docker.sock"), "services.web.volumes[0].source", "docker-socket"),
    (bind("/run/containerd/containerd.sock"), "services.web.volumes[0].source", "docker-socket"),
    (bind(f"{ROOT}", bind={"propagation": "rshared"}),
     "services.web.volumes[0].bind.propagation", "propagation"),
    (bind(f"{ROOT}/nginx.conf"), "services.web.volumes[0].source", "missing-bind-source"),
    (service(volumes=[{"type": "npipe", "source": "x", "target": "/x"}]),
     "services.web.volumes[0].type", "mount-type"),
    (service(volumes=[{"type": "image", "source": "x", "target": "/x"}]),
     "services.web.volumes[0].type", "mount-type"),
    (build(context="../../../etc"), "services.web.build.context", "file-outside"),
    (build(context="https://git.example/x.git"), "services.web.build.context", "remote-context"),
    (build(context="git@git.example:x/y"), "services.web.build.context", "remote-context"),
    (build(dockerfile="/etc/passwd"), "services.web.build.dockerfile", "file-outside"),
    (build(dockerfile="../../Dockerfile"), "services.web.build.dockerfile", "file-outside"),
    (build(additional_contexts={"x": "/etc"}), "services.web.build.additional_contexts.x",
     "file-outside"),
    (build(ssh=["default"]), "services.web.build.ssh", "build-ssh"),
    (build(privileged=True), "services.web.build.privileged", "build-privileged"),
    (build(entitlements=["security.insecure"]), "services.web.build.entitlements",
     "build-entitlements"),
    (build(network="host"), "services.web.build.network", "build-network"),
    (build(cache_to=["type=local,dest=/etc"]), "services.web.build.cache_to", "build-cache-to"),
    (build(cache_from=["type=local,src=/etc"]), "services.web.build.cache_from[0]",
     "build-cache-from"),
    (build(extra_hosts={"h": "host-gateway"}), "services.web.build.extra_hosts", "host-gateway"),
    ({"networks": {"n": {"external": True}}}, "networks.n.external", "external-network"),
    ({"networks": {"n": {"driver": "host"}}}, "networks.n.driver", "network-driver"),
    ({"networks": {"n": {"driver": "macvlan"}}}, "networks.n.driver", "network-driver"),
    ({"networks": {"n": {"driver_opts": {"com.docker.network.bridge.name": "docker0"}}}},
     "networks.n.driver_opts.com.docker.network.bridge.name", "driver-opts"),
    ({"volumes": {"v": {"external": True}}}, "volumes.v.external", "external-volume"),
    ({"volumes": {"v": {"driver": "nfs"}}}, "volumes.v.driver", "volume-driver"),
    ({"volumes": {"v": {"driver_opts": {"type": "none", "o": "bind", "device": "/"}}}},
     "volumes.v.driver_opts", "driver-opts"),
    ({"secrets": {"s": {"file": "/etc/shadow"}}}, "secrets.s.file", "file-outside"),
    ({"secrets": {"s": {"external": True}}}, "secrets.s.external", "external-secret"),
    ({"configs": {"c": {"file": "/proc/self/environ"}}}, "configs.c.file", "file-outside"),
    ({"models": {"m": {}}}, "models", "models"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "path", "allow"), HOSTILE)
def test_what_reaches_out_is_refused_with_its_key_path(
    data: dict[str, Any], path: str, allow: str
) -> None:
    assert (path, allow) in [(refusal.path, refusal.allow) for refusal in judge(data)]


@pytest.mark.parametrize(("data", "path", "allow"), HOSTILE)
def test_every_refusal_can_be_allowed_at_the_base_by_its_name(
    data: dict[str, Any], path: str, allow: str
) -> None:
    assert path not in [refusal.path for refusal in judge(data, ROOT, allow)]


def test_an_ordinary_project_is_not_refused(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").touch()
    data = {
        "name": "shop",
        "x-common": {"anything": True},
        "services": {
            "web": {
                "build": {
                    "context": str(tmp_path),
                    "dockerfile": "deploy/Dockerfile",
                    "args": {"A": "1"},
                    "target": "web",
                    "additional_contexts": {"base": "docker-image://python:3.13"},
                    "cache_from": ["type=gha", "acme/web:cache"],
                },
                "cap_drop": ["ALL"],
                "cap_add": ["NET_BIND_SERVICE"],
                "security_opt": ["no-new-privileges:true"],
                "command": None,
                "container_name": "web",
                "depends_on": {"db": {"condition": "service_healthy", "required": True}},
                "environment": {"A": "b"},
                "extra_hosts": ["api.example=10.0.0.7"],
                "healthcheck": {"test": ["CMD", "true"]},
                "logging": {"driver": "json-file", "options": {"max-size": "1m"}},
                "networks": {"default": {"aliases": ["api"]}},
                "ports": [{"target": 8000, "published": "8000"}],
                "read_only": True,
                "restart": "always",
                "secrets": [{"source": "s", "target": "/run/secrets/s"}],
                "tmpfs": ["/tmp"],
                "ulimits": {"nofile": 1024},
                "user": "1000",
                "volumes": [
                    {"type": "bind", "source": f"{tmp_path}/nginx.conf", "target": "/a",
                     "read_only": True, "bind": {"create_host_path": True}},
                    {"type": "bind", "source": f"{tmp_path}/data", "target": "/b"},
                    {"type": "volume", "source": "data", "target": "/d", "volume": {}},
                    {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1"}},
                ],
                "deploy": {"replicas": 2, "resources": {"limits": {"memory": "1"}},
                           "placement": {}},
                "privileged": False,
                "x-own": 1,
            },
            "sidecar": {"image": "a", "network_mode": "service:web", "pid": "service:web"},
        },
        "networks": {"default": {"name": "shop_default", "ipam": {}, "internal": True}},
        "volumes": {"data": {"name": "shop_data", "driver": "local"},
                    "fast": {"driver_opts": {"type": "tmpfs", "device": "tmpfs"}}},
        "secrets": {"s": {"file": f"{tmp_path}/secret"}, "e": {"environment": "TOKEN"}},
        "configs": {"c": {"content": "x"}},
    }  # fmt: skip
    assert judge(data, tmp_path) == ()


def test_a_link_out_of_the_workspace_is_followed(tmp_path: Path) -> None:
    (tmp_path / "etc").symlink_to("/etc")
    (refusal,) = judge(bind(f"{tmp_path}/etc/ssl"), tmp_path)
    assert refusal.allow == "bind-outside"


def test_a_workspace_under_the_host_s_name_is_still_the_workspace(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    host_name = tmp_path / "runner" / "work"
    host_name.parent.mkdir()
    host_name.symlink_to(root)
    found = refusals(bind(f"{host_name}/conf"), root=root, project_directory=host_name, allow=())
    assert found == ()


def test_too_many_services_are_refused() -> None:
    services = {f"s{number}": {"image": "a"} for number in range(51)}
    assert [r.allow for r in judge({"services": services})] == ["many-services"]


def test_a_refusal_says_what_where_and_how_to_allow_it() -> None:
    (refusal,) = judge(service(privileged=True))
    assert str(refusal) == (
        "services.web.privileged: gives the container the whole machine (stack.allow: privileged)"
    )


KNOWN = _FREE | set(_RULES) | {"build", "volumes"}


@given(
    key=st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True).filter(lambda k: k not in KNOWN),
    value=st.one_of(
        st.just(True), st.text(min_size=1), st.integers(1), st.lists(st.just(1), min_size=1)
    ),
)
def test_an_unknown_key_is_refused(key: str, value: object) -> None:
    assert f"services.web.{key}" in [r.path for r in judge(service(**{key: value}))]


@given(key=st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True))
def test_an_unknown_section_is_refused(key: str) -> None:
    known = {"name", "version", "services", "networks", "volumes", "secrets", "configs"}
    assert (key in known) or [r.path for r in judge({key: {}})] == [key]


def test_every_rule_is_reached_by_a_hostile_snippet() -> None:
    reached = {path.split(".")[2].partition("[")[0] for _, path, _ in HOSTILE if "services" in path}
    assert set(_RULES) - reached <= {"secrets", "configs", "networks", "pre_stop", "isolation"}
