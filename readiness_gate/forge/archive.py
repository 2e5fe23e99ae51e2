"""What GitHub keeps packed on another host: fetched up to a size, unpacked without trust."""

import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

import requests

from readiness_gate.errors import ForgeError

PACKED_CAP = 256 * 1024 * 1024
UNPACKED_CAP = 1024 * 1024 * 1024
FILES_CAP = 200_000
_TIMEOUT = 15.0
_CHUNK = 65_536


def fetch(
    location: str,
    into: IO[bytes],
    *,
    user_agent: str,
    api_url: str,
    what: str = "the archive of the commit",
    limit: int = PACKED_CAP,
) -> None:
    """Write the archive at the address that an endpoint of GitHub's redirects to.

    The address carries its own short-lived credential; the token is not sent to it.

    Raises:
        ForgeError: it is not served by the API's scheme, is larger than `limit` bytes, or did not
            come whole. The message calls it `what`.
    """
    if urlsplit(location).scheme != urlsplit(api_url).scheme:
        raise ForgeError(f"GitHub redirects {what} to an address of another scheme")
    try:
        with requests.get(
            location,
            headers={"User-Agent": user_agent},
            auth=lambda request: request,  # else .netrc is asked
            timeout=_TIMEOUT,
            stream=True,
        ) as response:
            if response.status_code != 200:
                raise ForgeError(f"{what}: HTTP {response.status_code}")
            for chunk in response.iter_content(_CHUNK):
                into.write(chunk)
                if into.tell() > limit:
                    raise ForgeError(f"{what} is over {limit} bytes")
    except requests.RequestException as error:
        raise ForgeError(f"{what}: {type(error).__name__}") from error


def unpack(
    archive: IO[bytes],
    directory: Path,
    *,
    unpacked_cap: int = UNPACKED_CAP,
    files_cap: int = FILES_CAP,
) -> None:
    """Write the regular files of a gzipped tar below `directory`, without its first folder.

    Links and devices are left out. The caps are in bytes and in members.

    Raises:
        ForgeError: a name leads out of the directory, there is more than the caps allow, or it is
            no such archive.
    """
    root = directory.resolve()
    size = count = 0
    try:
        with tarfile.open(fileobj=archive, mode="r:gz") as tar:
            for member in tar:
                count, size = count + 1, size + member.size
                if count > files_cap or size > unpacked_cap:
                    raise ForgeError("the archive of the commit unpacks to too much")
                relative = _below_first_folder(member.name)
                if relative and (member.isreg() or member.isdir()):
                    _write(tar, member, root, relative)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ForgeError(f"the archive of the commit cannot be unpacked: {error}") from error


def temporary() -> IO[bytes]:
    """Return a file for the archive: in memory while it is small, gone when closed."""
    return tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)


def _below_first_folder(name: str) -> str:
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts:
        raise ForgeError(f"the archive of the commit holds {name!r}, which leads out of it")
    return "/".join(parts[1:])


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path, relative: str) -> None:
    target = root / relative
    if not target.resolve().is_relative_to(root):
        raise ForgeError(f"the archive of the commit holds {relative!r}, which leads out of it")
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    tar.extract(member.replace(name=relative, deep=False), root, filter="data")
