"""What a run left on the engine, found by labels alone."""

import json
import subprocess

_LABELS = ("readiness-gate.project", "com.docker.compose.project")


def docker(*arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run the docker command."""
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )


def left_behind(prefix: str) -> dict[str, list[str]]:
    """Return containers, networks, volumes and images of the projects that begin with `prefix`."""
    listed = {
        "container": ["ps", "--all", "--quiet", "--no-trunc"],
        "network": ["network", "ls", "--quiet", "--no-trunc"],
        "volume": ["volume", "ls", "--quiet"],
        "image": ["images", "--quiet", "--no-trunc"],
    }
    found = {}
    for kind, question in listed.items():
        names: set[str] = set()
        for label in _LABELS:
            names |= set(docker(*question, "--filter", f"label={label}").stdout.split())
        found[kind] = sorted(name for name in names if _project(kind, name).startswith(prefix))
    return {kind: names for kind, names in found.items() if names}


def _project(kind: str, name: str) -> str:
    done = docker("inspect", "--type", kind, name)
    if done.returncode != 0:
        return ""  # removed since it was listed, by whoever it belongs to
    about = json.loads(done.stdout)[0]
    labels = about.get("Labels") or (about.get("Config") or {}).get("Labels") or {}
    return next((labels[label] for label in _LABELS if label in labels), "")
