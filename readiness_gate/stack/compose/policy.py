"""What a compose project may ask of the engine: an allow-list over the normalised model (S-04).

The stack of a pull request runs beside a socket that is root on the machine. Everything that
reaches out of the project is refused before anything starts; what is not known is refused too.
Every refusal has a name under which the base branch may allow it.
"""

# ruff: noqa: SIM905 - names in a sentence read better than a column of quoted ones

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from readiness_gate.stack.compose.files import Refusal
from readiness_gate.stack.compose.policy_build import build_refusals
from readiness_gate.stack.compose.policy_places import PathRule, volume_refusals

SERVICE_CAP = 50
REPLICA_CAP = 20

_TOP = frozenset({"name", "version", "services", "networks", "volumes", "secrets", "configs"})
_FREE = frozenset(
    "annotations attach blkio_config cap_drop command container_name cpu_count cpu_percent"
    " cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset depends_on develop"
    " dns dns_opt dns_search domainname entrypoint environment env_file expose group_add"
    " healthcheck hostname image init labels links mac_address mem_limit mem_reservation"
    " mem_swappiness memswap_limit pids_limit platform ports profiles pull_policy"
    " read_only restart scale shm_size stdin_open stop_grace_period stop_signal storage_opt"
    " sysctls tmpfs tty ulimits user working_dir".split()
)
# What the engine gives every container by default; adding one back after `cap_drop` is no gain.
_DEFAULT_CAPABILITIES = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP"
    " SETGID SETPCAP SETUID SYS_CHROOT".split()
)
_LOCAL_LOGGING = frozenset({"json-file", "local", "none"})
_DEPLOY = frozenset(
    "mode replicas resources restart_policy labels update_config rollback_config placement"
    " endpoint_mode".split()
)
_LIMITS = frozenset({"cpus", "memory", "pids"})
_NETWORK_OPTIONS = frozenset(
    {
        "com.docker.network.driver.mtu",
        "com.docker.network.bridge.enable_icc",
        "com.docker.network.bridge.enable_ip_masquerade",
    }
)
_NETWORK_KEYS = frozenset(
    "name driver driver_opts ipam internal attachable enable_ipv4 enable_ipv6 labels"
    " external".split()
)
_HOOK_KEYS = frozenset({"command", "user", "environment", "working_dir"})

Found = Iterator[Refusal]
Rule = Callable[[str, Any], Found]


def refusals(
    data: Mapping[str, Any], *, root: Path, project_directory: Path, allow: Collection[str]
) -> tuple[Refusal, ...]:
    """Return what the policy refuses of a normalised model, in the model's order.

    Args:
        data: the answer of `docker compose config --format json`.
        root: the workspace; everything from the machine's files must lie below it.
        project_directory: where compose's absolute paths start, the workspace or a link to it.
        allow: the names under `stack.allow`.
    """
    paths = PathRule(root.resolve(), project_directory)
    found = [*_top(data), *_networks(data), *volume_refusals(data, paths)]
    services = data.get("services") or {}
    if len(services) > SERVICE_CAP:
        found.append(Refusal("services", f"more than {SERVICE_CAP} services", "many-services"))
    for name, body in services.items():
        where = f"services.{name}"
        found += _service(where, body or {}, paths)
    return tuple(refusal for refusal in found if refusal.allow not in allow)


def _top(data: Mapping[str, Any]) -> Found:
    for key in data:
        if key not in _TOP and not key.startswith("x-"):
            yield Refusal(key, "the gate does not know this key", _kebab(key))


def _service(where: str, body: Mapping[str, Any], paths: PathRule) -> Found:
    for key, value in body.items():
        if key in _FREE or key.startswith("x-") or value in (None, "", [], {}):
            continue
        if key == "build":
            yield from build_refusals(f"{where}.build", value, paths)
        elif key == "volumes":
            yield from paths.mounts(f"{where}.volumes", value)
        elif key in _RULES:
            yield from _RULES[key](f"{where}.{key}", value)
        else:
            yield Refusal(f"{where}.{key}", "the gate does not know this key", _kebab(key))
    yield from _replicas(where, body)


def _replicas(where: str, body: Mapping[str, Any]) -> Found:
    for path, count in (
        (f"{where}.scale", body.get("scale")),
        (f"{where}.deploy.replicas", (body.get("deploy") or {}).get("replicas")),
    ):
        if count is not None and int(count) > REPLICA_CAP:
            yield Refusal(path, f"more than {REPLICA_CAP} replicas", "many-replicas")


def _never(reason: str) -> Rule:
    def rule(where: str, value: Any) -> Found:
        if value not in (False, "false"):
            yield Refusal(where, reason, _kebab(where.rpartition(".")[2]))

    return rule


def _namespace(*free: str) -> Rule:
    def rule(where: str, value: Any) -> Found:
        text = str(value)
        if text not in free and not text.startswith("service:"):
            key = _kebab(where.rpartition(".")[2])
            allow = "host-network" if (key, text) == ("network-mode", "host") else key
            yield Refusal(where, f"{text!r} reaches out of the project", allow)

    return rule


def _capabilities(where: str, value: Any) -> Found:
    for number, name in enumerate(value):
        if str(name).upper().removeprefix("CAP_") not in _DEFAULT_CAPABILITIES:
            yield Refusal(f"{where}[{number}]", f"adds the capability {name}", "cap-add")


def _security_options(where: str, value: Any) -> Found:
    for number, option in enumerate(value):
        if str(option) not in {"no-new-privileges", "no-new-privileges:true"}:
            yield Refusal(f"{where}[{number}]", f"weakens isolation: {option}", "security-opt")


def _extra_hosts(where: str, value: Any) -> Found:
    entries = value if isinstance(value, list) else [f"{k}={v}" for k, v in value.items()]
    for entry in entries:
        if "host-gateway" in str(entry):
            yield Refusal(where, f"{entry} reaches the machine itself", "host-gateway")


def _logging(where: str, value: Any) -> Found:
    driver = value.get("driver") or "json-file"
    if driver not in _LOCAL_LOGGING:
        yield Refusal(f"{where}.driver", f"{driver!r} sends logs elsewhere", "logging-driver")


def _oom_score(where: str, value: Any) -> Found:
    if int(value) < 0:
        yield Refusal(where, "puts the container before others of the machine", "oom-score-adj")


def _volumes_from(where: str, value: Any) -> Found:
    for number, source in enumerate(value):
        if str(source).startswith("container:"):
            yield Refusal(f"{where}[{number}]", "volumes of another project", "volumes-from")


def _external_links(where: str, value: Any) -> Found:
    for number, _ in enumerate(value):
        yield Refusal(f"{where}[{number}]", "containers of another project", "external-links")


def _deploy(where: str, value: Any) -> Found:
    for key in value:
        if key not in _DEPLOY:
            yield Refusal(f"{where}.{key}", "the gate does not know this key", f"deploy-{key}")
    for kind, limits in (value.get("resources") or {}).items():
        for key in limits or {}:
            if key not in _LIMITS:
                path = f"{where}.resources.{kind}.{key}"
                yield Refusal(path, "reaches hardware of the machine", "devices")


def _hooks(where: str, value: Any) -> Found:
    for number, hook in enumerate(value):
        for key, setting in hook.items():
            if key not in _HOOK_KEYS and setting:
                yield Refusal(f"{where}[{number}].{key}", "is not allowed in a hook", "hooks")


def _mounted_names(where: str, value: Any) -> Found:
    # Sources are judged where they are declared, at the top of the model.
    for number, entry in enumerate(value):
        if isinstance(entry, dict) and not entry.get("source"):
            yield Refusal(f"{where}[{number}]", "names no source", _kebab(where))


def _joined(where: str, value: Any) -> Found:
    for name, options in value.items() if isinstance(value, dict) else ():
        for key in options or {}:
            if key == "driver_opts":
                yield Refusal(f"{where}.{name}.{key}", "sets options of the driver", "driver-opts")


_RULES: Mapping[str, Rule] = {
    "privileged": _never("gives the container the whole machine"),
    "devices": _never("reaches hardware of the machine"),
    "device_cgroup_rules": _never("reaches hardware of the machine"),
    "gpus": _never("reaches hardware of the machine"),
    "runtime": _never("chooses another runtime"),
    "cgroup": _never("leaves the container's control group"),
    "cgroup_parent": _never("leaves the container's control group"),
    "userns_mode": _namespace(),
    "uts": _namespace(),
    "pid": _namespace(),
    "ipc": _namespace("private", "shareable", "none"),
    "network_mode": _namespace("none"),
    "isolation": _namespace("default"),
    "credential_spec": _never("reads credentials of the machine"),
    "use_api_socket": _never("hands out the engine's socket"),
    "provider": _never("runs a program beside the gate"),
    "models": _never("is run outside of the project"),
    "cap_add": _capabilities,
    "security_opt": _security_options,
    "extra_hosts": _extra_hosts,
    "logging": _logging,
    "oom_score_adj": _oom_score,
    "oom_kill_disable": _never("cannot be ended when the machine's memory runs out"),
    "volumes_from": _volumes_from,
    "external_links": _external_links,
    "deploy": _deploy,
    "post_start": _hooks,
    "pre_stop": _hooks,
    "secrets": _mounted_names,
    "configs": _mounted_names,
    "networks": _joined,
}


def _networks(data: Mapping[str, Any]) -> Found:
    for name, declared in (data.get("networks") or {}).items():
        body = declared or {}
        where = f"networks.{name}"
        if body.get("external"):
            yield Refusal(f"{where}.external", "belongs to another project", "external-network")
        if (body.get("driver") or "bridge") not in {"bridge", "default"}:
            message = f"{body['driver']!r} reaches the machine's network"
            yield Refusal(f"{where}.driver", message, "network-driver")
        for option in body.get("driver_opts") or {}:
            if option not in _NETWORK_OPTIONS:
                yield Refusal(f"{where}.driver_opts.{option}", "is not known", "driver-opts")
        for key in body:
            if key not in _NETWORK_KEYS and not key.startswith("x-"):
                yield Refusal(f"{where}.{key}", "the gate does not know this key", _kebab(key))


def _kebab(key: str) -> str:
    return key.replace("_", "-")
