"""The images of the tests: the official one when it can be pulled, else a stand-in of its name."""

import hashlib
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.docker_engine import host, packages
from tests.docker_engine.shell import SetUpError, answer, do, say, step

RECIPES = Path(__file__).parent / "images"
STAND_IN = "readiness-gate.stand-in"
RECIPE = "readiness-gate.recipe"
SUITE = "trixie"
DEBIAN = "debian:trixie-slim"
RUNNER = "readiness-gate-test/act-runner:latest"
POOLER = "readiness-gate-test/pgbouncer:latest"
MYSQL_DRIVERS = "readiness-gate-test/mysql-drivers:latest"
MANIFEST_SECONDS = 20.0
PULL_SECONDS = 900.0


@dataclass(frozen=True)
class Image:
    """One image of the tests: its name, its recipe's folder, and whether a registry has it."""

    name: str
    recipe: str
    public: bool = True
    arguments: tuple[str, ...] = ()
    """Arguments of the build, `NAME=VALUE`."""


NEEDED = (
    Image(DEBIAN, "debian"),
    Image("python:3.13-slim-trixie", "python"),
    Image("postgres:17", "postgres"),
    Image("postgres:15", "postgres", arguments=("MAJOR=15", "SUITE=bookworm")),
    Image("redis:8", "redis"),
    Image("nginx:1.26", "nginx"),
    Image("mariadb:11", "mariadb"),
    Image(POOLER, "pgbouncer", public=False),
    Image(MYSQL_DRIVERS, "mysql-drivers", public=False),
    Image(RUNNER, "act-runner", public=False),
)


@dataclass
class Registry:
    """Pulls, and remembers the first failure for the run: nobody waits for it twice."""

    refusal: str = field(default="")

    def pull(self, name: str) -> bool:
        """Pull an image; False, and no second try in this run, when it does not come."""
        if not self.refusal:
            say(f"pulling {name} ...")
            self.refusal = _pull(name)
            said = f"cannot ({self.refusal}): stand-ins from now on" if self.refusal else "done"
            say(f"pulling {name}: {said}")
        return not self.refusal


def state(image: Image) -> str:
    """Return `absent`, `official`, `built here` or `out of date` (the recipe has changed)."""
    labels = _labels(image.name)
    if labels is None:
        return "absent"
    if STAND_IN not in labels:
        return "official"
    return "built here" if labels.get(RECIPE) == _digest(image) else "out of date"


def ensure(image: Image, registry: Registry) -> None:
    """Make an image available under its name.

    Raises:
        SetUpError: it can neither be pulled nor built here.
    """
    found = state(image)
    if found in {"official", "built here"}:
        return
    if image.public and found == "absent" and registry.pull(image.name):
        return
    outdated = _identity(image.name)
    with step(f"building the stand-in {image.name}"), tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copytree(RECIPES / image.recipe, context, dirs_exist_ok=True)
        for name, content in _host_files(image).items():
            (context / name).write_bytes(content)
        if image.recipe == "debian":
            _root_file_system(context / "rootfs.tar")
        labels = {STAND_IN: "true", RECIPE: _digest(image)}
        build(context, image.name, labels, image.arguments)
    if outdated and outdated != _identity(image.name):
        answer("docker", "image", "rm", outdated)


def build(
    context: Path, name: str, labels: Mapping[str, str], arguments: Sequence[str] = ()
) -> None:
    """Build an image from images of this machine only.

    Raises:
        SetUpError: the build failed; the text ends with its last lines.
    """
    options = [part for key, value in labels.items() for part in ("--label", f"{key}={value}")]
    options += [part for argument in arguments for part in ("--build-arg", argument)]
    # The classic builder takes a base from this machine whatever builder the user has chosen.
    do("docker", "build", *options, "-t", name, str(context), environment={"DOCKER_BUILDKIT": "0"})


def _labels(name: str) -> dict[str, str] | None:
    found = answer("docker", "image", "inspect", "--format", "{{json .Config.Labels}}", name)
    return None if found is None else dict(json.loads(found) or {})


def _identity(name: str) -> str | None:
    return answer("docker", "image", "inspect", "--format", "{{.Id}}", name)


def _digest(image: Image) -> str:
    digest = hashlib.sha256()
    folder = RECIPES / image.recipe
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for name, content in sorted({**files, **_host_files(image)}.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    digest.update(" ".join(image.arguments).encode())
    if image.recipe != "debian":
        digest.update((_identity(DEBIAN) or "").encode())
    return digest.hexdigest()[:16]


def _host_files(image: Image) -> dict[str, bytes]:
    if image.recipe == "python":
        return {"pip.conf": host.pip_configuration().encode()}
    if image.recipe == "debian":
        bundle = host.certificates()
        if bundle is None:
            raise SetUpError(f"{host.CERTIFICATES}: not found; install ca-certificates")
        return {"apt.conf": host.apt_configuration().encode(), "ca-certificates.crt": bundle}
    return {}


def _root_file_system(target: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        packages.install("mmdebstrap", "debian-archive-keyring", reason="mmdebstrap")
    leave_out = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "info")]
    do(
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--include=ca-certificates",
        *leave_out,
        SUITE,
        str(target),
        *host.debian_sources(SUITE),
    )


def _pull(name: str) -> str:
    # The first answer of a registry comes within seconds or not at all; the layers may take long.
    process = subprocess.Popen(
        ["docker", "pull", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    begun, output = time.monotonic(), b""
    with process, selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            patience = PULL_SECONDS if b"Pulling from" in output else MANIFEST_SECONDS
            if not selector.select(max(0.0, begun + patience - time.monotonic())):
                process.kill()
                return "no answer in time"
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            output += chunk
    words = output.decode(errors="replace").strip().splitlines()
    return "" if process.returncode == 0 else (words or ["no reason given"])[-1]
