"""Compose files that try to get out of their project, as an attacker writes them.

Each has the key path that its refusal names, and the name under which `stack.allow` may except
it; an empty name: compose itself refuses it, in its own words.
"""

from typing import NamedTuple


class Snippet(NamedTuple):
    """One hostile compose file."""

    name: str
    text: str
    path: str
    allow: str


def _service(name: str, text: str, path: str, allow: str) -> Snippet:
    lines = "\n".join(f"    {line}" for line in text.strip("\n").splitlines())
    body = f"services:\n  web:\n    image: redis:8\n{lines}\n"
    return Snippet(name, body, f"services.web.{path}" if path else "", allow)


def _built(name: str, text: str, path: str, allow: str) -> Snippet:
    lines = "\n".join(f"      {line}" for line in text.strip("\n").splitlines())
    body = f"services:\n  web:\n    build:\n{lines}\n"
    return Snippet(name, body, f"services.web.build.{path}", allow)


def _top(name: str, text: str, path: str, allow: str) -> Snippet:
    # What no service uses is left out of the model, and does nothing.
    kind, used = path.split(".")[:2] if "." in path else ("include", "")
    entries = {"volumes": f"volumes: ['{used}:/x']", "include": "init: true"}
    entry = entries.get(kind, f"{kind}: ['{used}']")
    return Snippet(name, f"services: {{web: {{image: 'redis:8', {entry}}}}}\n{text}", path, allow)


SNIPPETS = (
    _service("privileged", "privileged: true", "privileged", "privileged"),
    _service(
        "the socket",
        'volumes: ["/var/run/docker.sock:/s"]',
        "volumes[0].source",
        "docker-socket",
    ),
    _service(
        "the socket's folder", 'volumes: ["/var/run:/s"]', "volumes[0].source", "bind-outside"
    ),
    _service("the whole disk", 'volumes: ["/:/host"]', "volumes[0].source", "bind-outside"),
    _service("a folder above", 'volumes: ["../../..:/host"]', "volumes[0].source", "bind-outside"),
    _service("somebody's home", 'volumes: ["~/.ssh:/keys"]', "volumes[0].source", "bind-outside"),
    _service(
        "through a link of the checkout",
        'volumes: ["./link:/host"]',
        "volumes[0].source",
        "bind-outside",
    ),
    _service(
        "environment of processes",
        'volumes: ["/proc:/host-proc"]',
        "volumes[0].source",
        "bind-outside",
    ),
    _service(
        "back into the machine",
        "volumes: [{type: bind, source: ., target: /x, bind: {propagation: rshared}}]",
        "volumes[0].bind.propagation",
        "propagation",
    ),
    _service(
        "a named pipe",
        "volumes: [{type: npipe, source: x, target: /x}]",
        "volumes[0].type",
        "mount-type",
    ),
    _service("the machine's network", "network_mode: host", "network_mode", "host-network"),
    _service("a stranger's network", "network_mode: container:db", "network_mode", "network-mode"),
    _service("the default bridge", "network_mode: bridge", "network_mode", "network-mode"),
    _service("the machine's processes", "pid: host", "pid", "pid"),
    _service("a stranger's processes", 'pid: "container:db"', "pid", "pid"),
    _service("the machine's memory", "ipc: host", "ipc", "ipc"),
    _service("the machine's name", "uts: host", "uts", "uts"),
    _service("the machine's users", "userns_mode: host", "userns_mode", "userns-mode"),
    _service("the machine's groups", "cgroup: host", "cgroup", "cgroup"),
    _service("another group", "cgroup_parent: /", "cgroup_parent", "cgroup-parent"),
    _service("a disk", 'devices: ["/dev/sda:/dev/sda"]', "devices", "devices"),
    _service(
        "every device",
        'device_cgroup_rules: ["a *:* rwm"]',
        "device_cgroup_rules",
        "device-cgroup-rules",
    ),
    _service(
        "a card of the machine",
        "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
        "deploy.resources.reservations.devices",
        "devices",
    ),
    _service("every capability", "cap_add: [ALL]", "cap_add[0]", "cap-add"),
    _service("one capability", "cap_add: [CHOWN, sys_ptrace]", "cap_add[1]", "cap-add"),
    _service("no seccomp", "security_opt: [seccomp=unconfined]", "security_opt[0]", "security-opt"),
    _service("no labels", "security_opt: ['label:disable']", "security_opt[0]", "security-opt"),
    _service(
        "the machine as a host", "extra_hosts: ['h:host-gateway']", "extra_hosts", "host-gateway"
    ),
    _service("logs that leave", "logging: {driver: syslog}", "logging.driver", "logging-driver"),
    _service("before all others", "oom_score_adj: -1000", "oom_score_adj", "oom-score-adj"),
    _service("never to be ended", "oom_kill_disable: true", "oom_kill_disable", "oom-kill-disable"),
    _service(
        "volumes of a stranger", "volumes_from: ['container:db']", "volumes_from[0]", "volumes-from"
    ),
    _service("a stranger by link", "external_links: [db]", "external_links[0]", "external-links"),
    _service("another runtime", "runtime: evil", "runtime", "runtime"),
    _service("a thousand of them", "deploy: {replicas: 1000}", "deploy.replicas", "many-replicas"),
    _service(
        "credentials of the machine",
        "credential_spec: {file: x.json}",
        "credential_spec",
        "credential-spec",
    ),
    _service("variables of elsewhere", "env_file: [/etc/environment]", "env_file", "file-outside"),
    _service("variables of the gate", "env_file: /proc/self/environ", "env_file", "file-outside"),
    _service("a file by variable", 'env_file: ["${HOME}/.netrc"]', "env_file", "variable-path"),
    _service(
        "a parent of elsewhere",
        "extends: {file: ../../x.yml, service: a}",
        "extends.file",
        "file-outside",
    ),
    _service("a program beside the gate", "provider: {type: evil}", "", ""),
    _service("the socket by a word", "use_api_socket: true", "", ""),
    _built("the machine's folder", "context: /etc", "context", "file-outside"),
    _built("a folder above to build", "context: ../..", "context", "file-outside"),
    _built("a repository", "context: https://git.example/x.git", "context", "remote-context"),
    _built(
        "a Dockerfile of elsewhere",
        "context: .\ndockerfile: ../../Dockerfile",
        "dockerfile",
        "file-outside",
    ),
    _built(
        "one more context",
        "context: .\nadditional_contexts: {keys: /root/.ssh}",
        "additional_contexts.keys",
        "file-outside",
    ),
    _built("keys of the agent", "context: .\nssh: [default]", "ssh", "build-ssh"),
    _built("a privileged build", "context: .\nprivileged: true", "privileged", "build-privileged"),
    _built(
        "the machine's network to build", "context: .\nnetwork: host", "network", "build-network"
    ),
    _built(
        "a cache that is written",
        "context: .\ncache_to: ['type=local,dest=/etc/cron.d']",
        "cache_to",
        "build-cache-to",
    ),
    _built(
        "a cache that is read",
        "context: .\ncache_from: ['type=local,src=/etc']",
        "cache_from[0]",
        "build-cache-from",
    ),
    _top(
        "a stranger's volume",
        "volumes: {data: {external: true}}\n",
        "volumes.data.external",
        "external-volume",
    ),
    _top(
        "a bind in disguise",
        "volumes: {data: {driver_opts: {type: none, o: bind, device: /}}}\n",
        "volumes.data.driver_opts",
        "driver-opts",
    ),
    _top(
        "another machine's disk",
        "volumes: {data: {driver: nfs}}\n",
        "volumes.data.driver",
        "volume-driver",
    ),
    _top(
        "a stranger's net",
        "networks: {back: {external: true}}\n",
        "networks.back.external",
        "external-network",
    ),
    _top(
        "the machine's net",
        "networks: {back: {driver: macvlan}}\n",
        "networks.back.driver",
        "network-driver",
    ),
    _top(
        "a bridge of the machine",
        "networks: {back: {driver_opts: {com.docker.network.bridge.name: docker0}}}\n",
        "networks.back.driver_opts.com.docker.network.bridge.name",
        "driver-opts",
    ),
    _top("passwords", "secrets: {s: {file: /etc/shadow}}\n", "secrets.s.file", "file-outside"),
    _top(
        "settings of elsewhere", "configs: {c: {file: ../../x}}\n", "configs.c.file", "file-outside"
    ),
    _top(
        "a stranger's secret",
        "secrets: {s: {external: true}}\n",
        "secrets.s.external",
        "external-secret",
    ),
    _top(
        "a file from the network",
        "include: ['https://git.example/x.yml']\n",
        "include[0]",
        "remote-file",
    ),
    _top(
        "an image as a file", "include: ['oci://registry.example/x']\n", "include[0]", "remote-file"
    ),
    _top(
        "an include of elsewhere", "include: [{path: /etc/x.yml}]\n", "include[0]", "file-outside"
    ),
)
