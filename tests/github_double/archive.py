"""A commit's tree as GitHub packs it."""

import io
import tarfile

from tests.github_double.objects import SymbolicLink, mode
from tests.github_double.repository import Repository


def archive(home: Repository, sha: str) -> bytes:
    """The gzipped tar of a commit: everything in one folder named after it."""
    packed = io.BytesIO()
    folder = f"{home.owner.login}-{home.name}-{sha[:7]}"
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in sorted(home.objects[sha].files.items()):
            member = tarfile.TarInfo(f"{folder}/{path}")
            if isinstance(content, SymbolicLink):
                member.type, member.linkname = tarfile.SYMTYPE, content.decode()
                tar.addfile(member)
                continue
            member.size, member.mode = len(content), int(mode(content)[-3:], 8)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()
