import io
import tarfile
from pathlib import Path

import pytest

from readiness_gate.doors.workspace import Workspace
from readiness_gate.formats import checkout_tar


def test_the_checkout_travels_without_links_and_version_control(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("secret")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "run.sh").write_text("true")
    (tmp_path / "src" / "run.sh").chmod(0o755)
    (tmp_path / "passwords").symlink_to("/etc/passwd")
    data = checkout_tar.checkout_tar(Workspace(tmp_path))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        (member,) = archive.getmembers()
        assert (member.name, member.mode) == ("src/run.sh", 0o755)
        stream = archive.extractfile(member)
        assert stream is not None
        assert stream.read() == b"true"


def test_a_checkout_that_is_too_large_is_refused(tmp_path: Path) -> None:
    part = b"x" * (checkout_tar.TOTAL_CAP // 2)
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(part)
    with pytest.raises(ValueError, match="larger than"):
        checkout_tar.checkout_tar(Workspace(tmp_path))
