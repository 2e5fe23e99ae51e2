"""What this machine knows of its network: proxies, certificate authorities, package sources.

A stand-in image gets it, so that `pip` and `apt-get` inside `docker build` reach what they reach
here. It goes into images on this machine only, never into a file of the project.
"""

import os
import re
import sys
from pathlib import Path

from tests.docker_engine.shell import answer

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PIP_KEYS = {"index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries"}
APT_KEYS = re.compile(r"^Acquire::(https?::Proxy|Check-Valid-Until|Check-Date)\b.*;$", re.MULTILINE)


def certificates() -> bytes | None:
    """Return the host's bundle of certificate authorities, extra ones included."""
    return CERTIFICATES.read_bytes() if CERTIFICATES.is_file() else None


def proxy(scheme: str) -> str | None:
    """Return the proxy of the environment for a scheme (`http` or `https`)."""
    return os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY")


def apt_configuration() -> str:
    """Return apt settings for images: proxies and clock checks of the host; no translations."""
    dump = answer("apt-config", "dump") or ""
    lines = [match.group(0) for match in APT_KEYS.finditer(dump)]
    known = "\n".join(lines)
    lines += [
        f'Acquire::{scheme}::Proxy "{address}";'
        for scheme in ("http", "https")
        if f"Acquire::{scheme}::Proxy" not in known and (address := proxy(scheme))
    ]
    return "\n".join([*lines, 'Acquire::Languages "none";', ""])


def pip_configuration() -> str:
    """Return pip settings for images: indexes on the net, proxy, patience of the host's pip."""
    listed = answer(sys.executable, "-m", "pip", "config", "list") or ""
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        key = name.rsplit(".", 1)[-1].removeprefix("default-")
        if key in PIP_KEYS and (usable := _usable(key, value.strip("'\""))):
            settings[key] = usable
    if "proxy" not in settings and (address := proxy("https")):
        settings["proxy"] = address
    return "\n".join(["[global]", *(f"{key} = {value}" for key, value in settings.items()), ""])


def debian_sources(suite: str) -> list[str]:
    """Return one-line sources of a suite from the host's own mirrors; empty when it has none."""
    listed = answer(
        "apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"
    )
    mirrors = {
        label: address
        for label, _, address in (line.partition(" ") for line in (listed or "").splitlines())
        if address.startswith("http")
    }
    if "Debian" not in mirrors:
        return []
    lines = [f"deb {mirrors['Debian']} {name} main" for name in (suite, f"{suite}-updates")]
    if "Debian-Security" in mirrors:
        lines.append(f"deb {mirrors['Debian-Security']} {suite}-security main")
    return lines


def _usable(key: str, value: str) -> str:
    # A folder of this machine is no index inside an image.
    if key.endswith("index-url"):
        return " ".join(word for word in value.split() if word.startswith("http"))
    return value
