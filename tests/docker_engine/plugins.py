"""The compose and buildx plug-ins of the docker command."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.docker_engine.images import RECIPES, build
from tests.docker_engine.shell import SetUpError, answer, do, say, step

PLUGINS_IN_IMAGE = "/usr/libexec/docker/cli-plugins"
SCRATCH_IMAGE = "readiness-gate-test/plugins:latest"
COMPOSE_NEEDS_NEW_BUILDX = 5


def compose_version() -> str | None:
    """Return the version of `docker compose`, 2 or later, without a leading v; None without it."""
    found = (answer("docker", "compose", "version", "--short") or "").removeprefix("v")
    major = found.partition(".")[0]
    return found if major.isdigit() and int(major) >= 2 else None


def buildx_version() -> str | None:
    """Return the version of `docker buildx`, or None."""
    words = (answer("docker", "buildx", "version") or "").split()
    return words[1].removeprefix("v") if len(words) > 1 else None


def ensure() -> None:
    """Make `docker compose` (2 or later) available, and buildx where a fitting one can be had.

    Debian's own pair comes first: it is what the product's image carries. Without it, the
    compose of the development requirements, which then builds with the classic builder.

    Raises:
        SetUpError: no compose can be had.
    """
    compose = compose_version()
    missing = [] if compose else ["docker-compose"]
    # Compose 5 refuses the buildx of Debian trixie; alone it falls back to the classic builder.
    if not buildx_version() and not _needs_new_buildx(compose):
        missing.append("docker-buildx")
    if not missing:
        return
    try:
        with step(f"fetching {' and '.join(missing)} of Debian trixie"):
            _from_debian(missing)
    except SetUpError as error:
        say(f"not from Debian: {error}")
    if compose_version() is None:
        _from_requirements()


def _needs_new_buildx(compose: str | None) -> bool:
    return compose is not None and int(compose.partition(".")[0]) >= COMPOSE_NEEDS_NEW_BUILDX


def _folder() -> Path:
    configured = os.environ.get("DOCKER_CONFIG")
    folder = (Path(configured) if configured else Path.home() / ".docker") / "cli-plugins"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _from_debian(names: Iterable[str]) -> None:
    build(RECIPES / "plugins", SCRATCH_IMAGE, {})
    container = do("docker", "create", SCRATCH_IMAGE).strip()
    try:
        for name in names:
            with tempfile.TemporaryDirectory() as folder:
                fresh = Path(folder) / name
                do("docker", "cp", f"{container}:{PLUGINS_IN_IMAGE}/{name}", str(fresh))
                # The probe line every plug-in answers: it runs with this machine's libraries.
                do(str(fresh), "docker-cli-plugin-metadata")
                _place(fresh, name)
    finally:
        do("docker", "rm", "--force", container)
        do("docker", "image", "rm", SCRATCH_IMAGE)


def _from_requirements() -> None:
    beside = Path(sys.executable).parent / "docker-compose"
    found = str(beside) if beside.is_file() else shutil.which("docker-compose")
    if found is None or "Docker Compose version v" not in (answer(found, "version") or ""):
        raise SetUpError(
            "docker compose 2 or later: not found; install Docker's compose plug-in, "
            "or the development requirements and run this program with their interpreter"
        )
    _place(Path(found), "docker-compose")
    say(f"docker compose is {found}")


def _place(source: Path, name: str) -> None:
    # A copy under a second name, then a rename: whoever runs the old one keeps it.
    target = _folder() / name
    fresh = target.with_name(f".{name}.fresh")
    shutil.copy2(source, fresh)
    fresh.chmod(0o755)
    fresh.replace(target)
