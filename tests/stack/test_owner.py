import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from readiness_gate.stack.owner import ProcessIdentity, identity_of, is_gone, own_identity
from readiness_gate.stack.project import Owner

NOW = datetime(2026, 1, 5, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
HERE = ProcessIdentity("boot", "ns", os.getpid(), "10")


def gone(
    owner: Owner | None, deadline: datetime | None = FUTURE, *, runs: bool = False,
    there: ProcessIdentity | None = None,
) -> bool:  # fmt: skip
    def living(pid: int) -> ProcessIdentity | None:
        return HERE if pid == os.getpid() else there

    return is_gone(owner, deadline, now=NOW, container_runs=lambda _: runs, living=living)


def test_this_process_lives_and_one_that_ended_does_not() -> None:
    assert identity_of(os.getpid()) == own_identity()
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert identity_of(child.pid) is None


def test_a_container_that_runs_keeps_its_project() -> None:
    assert not gone(Owner("container", "f00"), PAST, runs=True)


def test_a_container_that_is_gone_has_lost_its_project() -> None:
    assert gone(Owner("container", "f00"), runs=False)


def test_a_living_process_keeps_its_project_past_its_deadline() -> None:
    there = ProcessIdentity("boot", "ns", 7, "20")
    assert not gone(there.owner, PAST, there=there)


def test_a_process_that_ended_has_lost_its_project() -> None:
    assert gone(ProcessIdentity("boot", "ns", 7, "20").owner, there=None)


def test_a_reused_process_id_is_another_process() -> None:
    there = ProcessIdentity("boot", "ns", 7, "99")
    assert gone(ProcessIdentity("boot", "ns", 7, "20").owner, there=there)


def test_a_process_that_cannot_be_seen_from_here_is_judged_by_its_deadline() -> None:
    for foreign in (ProcessIdentity("other", "ns", 7, "1"), ProcessIdentity("boot", "x", 7, "1")):
        assert not gone(foreign.owner, FUTURE)
        assert gone(foreign.owner, PAST)


def test_without_a_readable_owner_only_the_deadline_counts() -> None:
    assert not gone(None, FUTURE)
    assert not gone(None, None)
    assert not gone(Owner("process", "nonsense"), FUTURE)
    assert gone(None, PAST)
