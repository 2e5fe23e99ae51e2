"""The checkout as a tar stream, for containers that do not share the machine's files."""

import io
import tarfile

from readiness_gate.doors.workspace import Workspace

TOTAL_CAP = 64 * 1024 * 1024


def checkout_tar(workspace: Workspace) -> bytes:
    """Return the regular files of the checkout, without version control and environments.

    Raises:
        ValueError: they are more than 64 MiB together.
        OSError: a file cannot be read.
    """
    stream = io.BytesIO()
    total = 0
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in workspace.files():
            data = workspace.read(name, cap=TOTAL_CAP)
            total += len(data)
            if total > TOTAL_CAP:
                raise ValueError(f"the checkout is larger than {TOTAL_CAP} bytes")
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = workspace.path(name).stat().st_mode & 0o777
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()
