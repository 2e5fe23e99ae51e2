"""Revision files in one line."""


def revision_file(
    revision: str, down: object = None, *, depends_on: object = None, labels: object = None
) -> bytes:
    return (
        f'"""Revision {revision}."""\n\n'
        f"revision = {revision!r}\ndown_revision = {down!r}\n"
        f"branch_labels = {labels!r}\ndepends_on = {depends_on!r}\n"
    ).encode()


def files(**parents: object) -> dict[str, bytes]:
    """`files(a=None, b="a")`: revision id → parent."""
    return {
        f"versions/{revision}_.py": revision_file(revision, down)
        for revision, down in parents.items()
    }
