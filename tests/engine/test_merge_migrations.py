from dataclasses import replace
from pathlib import Path
from typing import cast

from readiness_gate.checks.merge.merge_order import CHECK, MergeOrderOptions
from readiness_gate.doors.workspace import Workspace
from readiness_gate.engine.merge_migrations import Known, simulated
from readiness_gate.errors import ForgeError
from readiness_gate.forge.base import Forge
from readiness_gate.model.change import FileChange
from tests.checks.merge.builders import facts
from tests.fakes.context import context
from tests.merge.builders import pull, rules
from tests.migrations.builders import revision_file

FILES = {
    1: {"db/versions/b_.py": revision_file("b", "a"), "README.md": b""},
    2: {"db/versions/c_.py": revision_file("c", "a")},
}


class Changes:
    """The parts of a forge that are asked: changed files, and their text at the head."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.read: list[str] = []

    @property
    def inventory(self) -> "Changes":
        return self

    def plain_changes(self, numbers: list[int]) -> dict[int, tuple[FileChange, ...]]:
        if self.refuses:
            raise ForgeError("502 Bad Gateway")
        return {2: self.changes(2)} if 2 in numbers else {}

    def changes(self, number: int) -> tuple[FileChange, ...]:
        return tuple(FileChange(path=path, kind="added") for path in FILES[number])

    def file(self, path: str, commit: str) -> bytes | None:
        self.read.append(path)
        return next((files[path] for files in FILES.values() if path in files), None)


def checkout(folder: Path) -> Workspace:
    (folder / "db/versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = db\n")
    (folder / "db/versions/a_.py").write_bytes(revision_file("a"))
    # The checkout is that of the second pull request.
    (folder / "db/versions/c_.py").write_bytes(revision_file("c", "a"))
    return Workspace(folder)


def told(forge: Changes, folder: Path) -> tuple[str, ...]:
    merge = facts(pull(1), pull(2), at=2, by=rules(order=[1, 2]))
    return simulated(merge, cast(Forge, forge), checkout(folder), ["alembic.ini"])


def test_who_comes_second_in_the_declared_order_rebases(tmp_path: Path) -> None:
    forge = Changes()
    assert told(forge, tmp_path) == (
        (
            "#2 would make 2 heads of migrations, b of #1 and c: it rebases, "
            "down_revision of c becomes b"
        ),
    )
    assert forge.read == ["db/versions/b_.py", "db/versions/c_.py"]


def test_a_sweep_reads_each_file_once(tmp_path: Path) -> None:
    forge, workspace = Changes(), checkout(tmp_path)
    known: Known = {}
    for at in (1, 2):
        merge = facts(pull(1), pull(2), at=at, by=rules(order=[1, 2]))
        lines = simulated(merge, cast(Forge, forge), workspace, ["alembic.ini"], known)
        assert len(lines) == 1
    assert forge.read == ["db/versions/b_.py", "db/versions/c_.py"]
    pushed = facts(replace(pull(1), head_sha="f" * 40), pull(2), at=2, by=rules(order=[1, 2]))
    simulated(pushed, cast(Forge, forge), workspace, ["alembic.ini"], known)
    assert len(forge.read) == 4


def test_what_github_does_not_tell_is_no_finding(tmp_path: Path) -> None:
    assert told(Changes(refuses=True), tmp_path) == ()


def test_without_an_order_or_migrations_nothing_is_asked(tmp_path: Path) -> None:
    forge = Changes()
    alone = facts(pull(1), pull(2), at=2, by=rules(order=[]))
    asked = cast(Forge, forge)
    assert simulated(alone, asked, Workspace(tmp_path), ["alembic.ini"]) == ()
    ordered = facts(pull(1), pull(2), at=2, by=rules(order=[1, 2]))
    assert simulated(ordered, asked, Workspace(tmp_path), ["alembic.ini"]) == ()
    assert forge.read == []


def test_merge_order_says_it_beside_its_verdict() -> None:
    merge = facts(pull(1), pull(2), at=2, by=rules(order=[1, 2]))
    plain = CHECK.run(context(merge=merge), MergeOrderOptions())
    merge = replace(merge, migrations=("#2 would make 2 heads",))
    result = CHECK.run(context(merge=merge), MergeOrderOptions())
    assert result.outcome is plain.outcome
    assert result.details == f"{plain.details}\n#2 would make 2 heads"
