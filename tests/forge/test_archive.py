import io
import tarfile
from pathlib import Path

import pytest

from readiness_gate.errors import ForgeError
from readiness_gate.forge import archive


def packed(*members: tuple[str, bytes | str], modes: dict[str, int] | None = None) -> io.BytesIO:
    """A gzipped tar: bytes are a file's content, a text is the target of a link."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.mode = (modes or {}).get(name, 0o644)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    data.seek(0)
    return data


def test_files_are_unpacked_without_the_first_folder(tmp_path: Path) -> None:
    script = "acme-shop-1234567/bin/start"
    content = packed(
        ("acme-shop-1234567/README.md", b"# Shop\n"),
        (script, b"#!/bin/sh\n"),
        modes={script: 0o755},
    )
    archive.unpack(content, tmp_path)
    assert (tmp_path / "README.md").read_text() == "# Shop\n"
    assert (tmp_path / "bin/start").stat().st_mode & 0o100
    assert not (tmp_path / "README.md").stat().st_mode & 0o111


@pytest.mark.parametrize("name", ["top/../../escape", "../escape", "/escape", "top/a/../../../x"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(ForgeError, match="leads out"):
        archive.unpack(packed((name, b"x")), inside)
    assert list(tmp_path.iterdir()) == [inside]


def test_links_are_left_out_and_nothing_is_written_through_them(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    content = packed(("top/link", str(outside)), ("top/link/file", b"x"), ("top/real", b"y"))
    archive.unpack(content, inside)
    assert not (inside / "link").is_symlink()
    assert (inside / "real").read_bytes() == b"y"
    assert list(outside.iterdir()) == []


def test_devices_and_pipes_are_left_out(tmp_path: Path) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for kind in (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE):
            info = tarfile.TarInfo(f"top/{kind.decode()}")
            info.type, info.linkname = kind, "top/other"
            tar.addfile(info)
    data.seek(0)
    archive.unpack(data, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ForgeError, match="too much"):
        archive.unpack(
            packed(("top/a", b"0" * 600), ("top/b", b"0" * 600)), tmp_path, unpacked_cap=1000
        )
    assert not (tmp_path / "b").exists()
    with pytest.raises(ForgeError, match="too much"):
        archive.unpack(packed(("t/c", b""), ("t/d", b""), ("t/e", b"")), tmp_path, files_cap=2)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", packed(("top/a", b"x" * 5000)).read()[:60]],
    ids=["empty", "a page", "cut off"],
)
def test_what_is_no_whole_archive_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ForgeError, match="cannot be unpacked"):
        archive.unpack(io.BytesIO(content), tmp_path)


def test_an_address_of_another_scheme_is_not_followed() -> None:
    with pytest.raises(ForgeError, match="another scheme"):
        archive.fetch(
            "http://127.0.0.1:1/x", io.BytesIO(), user_agent="t", api_url="https://api.example"
        )
