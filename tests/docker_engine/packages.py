"""Installs Debian packages, when this is Debian or Ubuntu and we are root."""

import os
import platform
import shutil

from tests.docker_engine.shell import SetUpError, do, step

DEBIAN_LIKE = {"debian", "ubuntu"}


def can_install() -> bool:
    """Tell whether packages can be installed here: Debian or Ubuntu, as root, with apt."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return os.geteuid() == 0 and bool(family & DEBIAN_LIKE) and shutil.which("apt-get") is not None


def install(*names: str, reason: str) -> None:
    """Install packages without what they only recommend.

    Raises:
        SetUpError: not Debian as root (exit code 3 of the set-up), or apt failed.
    """
    if not can_install():
        raise SetUpError(
            f"{reason}: not found, and only on Debian or Ubuntu as root can it be installed "
            f"(packages: {' '.join(names)})"
        )
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with step(f"installing {' '.join(names)}"):
        do("apt-get", "update", "-q", environment=quiet)
        do("apt-get", "install", "-y", "-q", "--no-install-recommends", *names, environment=quiet)
