import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from readiness_gate.doors.programs import Completed, HostPrograms
from readiness_gate.load.child import MEMORY
from readiness_gate.load.plan import Plan, Request, Stage
from readiness_gate.load.run import NoLoad, command, run_plan
from readiness_gate.load.tally import Counted, Tally
from tests.checks.network.certificates import issued
from tests.fakes.programs import FakePrograms, Run
from tests.load.served import serving


def plan(url: str = "http://127.0.0.1/", seconds: float = 0.3) -> Plan:
    return Plan(
        "constant-arrival-rate",
        (Request("a", "GET", url, headers={"Authorization": "Bearer never-in-argv"}),),
        20,
        (Stage(seconds, 20),),
        timeout=2.0,
    )


def ended(code: int | None, stdout: str = "", stderr: str = "") -> FakePrograms:
    return FakePrograms(answer=lambda run: Completed(run.argv, code, stdout, stderr, 1.0))


def test_the_plan_goes_in_by_standard_input_and_nothing_by_the_environment() -> None:
    told: list[Run] = []

    def answer(run: Run) -> Completed:
        told.append(run)
        return Completed(run.argv, 0, Tally((Counted("a"),)).as_json(), "", 1.0)

    tally = run_plan(FakePrograms(answer=answer), plan())
    assert tally.endpoints[0].name == "a"
    assert told[0].environment == {}
    assert not any("never-in-argv" in one for one in told[0].argv)
    assert b"never-in-argv" in told[0].stdin
    assert told[0].timeout == pytest.approx(17.3)


def test_it_never_takes_longer_than_the_item_may() -> None:
    programs = ended(0, Tally(()).as_json())
    run_plan(programs, plan(), within=4.0)
    assert programs.runs[0].timeout == 4.0


@pytest.mark.parametrize(
    ("programs", "said"),
    [
        (ended(None), "did not end within"),
        (ended(1, stderr="Traceback\nMemoryError"), "ended with 1: MemoryError"),
        (ended(-9), "ended with -9: it said nothing"),
        (ended(0, "half an ans"), "not readable"),
        (ended(0, ""), "not readable"),
    ],
)
def test_a_generator_without_counts_is_no_load(programs: FakePrograms, said: str) -> None:
    with pytest.raises(NoLoad, match=said):
        run_plan(programs, plan())


def test_a_process_of_its_own_counts() -> None:
    with serving() as server:
        tally = run_plan(HostPrograms({"PATH": os.environ["PATH"]}), plan(server.url()))
    assert tally.planned == tally.whole.expected == 6


@pytest.mark.parametrize(
    ("verify", "name", "fine"), [(True, "edge", 6), (True, "other", 0), (False, "edge", 6)]
)
def test_a_certificate_has_to_carry_the_name_of_the_service(
    tmp_path: Path, verify: bool, name: str, fine: int
) -> None:
    own = issued("edge")
    (tmp_path / "chain.pem").write_bytes(own.pem)
    key = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "chain.pem", tmp_path / "key.pem")
    programs = HostPrograms({"SSL_CERT_FILE": str(tmp_path / "chain.pem")})
    with serving(tls=tls) as server:
        url = server.url().replace("http:", "https:")
        request = Request("a", "GET", url, server_name=name)
        tally = run_plan(programs, replace(plan(), requests=(request,), verify=verify))
    assert tally.whole.expected == fine
    if not fine:
        assert all(one.startswith("TLS: ") for one in tally.whole.problems)


def test_it_imports_nothing_of_the_gate_but_its_own_room() -> None:
    listed = (
        "import sys; sys.path.append(sys.argv[1]); import readiness_gate.load.child; "
        "print(*sorted(m for m in sys.modules if m.startswith('readiness_gate')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", listed, command()[-1]],
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = {name.split(".")[1] for name in done.stdout.split() if "." in name}
    assert rooms == {"load"}


def test_it_ends_with_the_gate(tmp_path: Path) -> None:
    # The shell stands for the gate; it leaves the generator behind once its input ends.
    shell = 'f=$1; shift; "$@" < "$f" >/dev/null 2>&1 & echo $!; read -r _'
    with serving() as server:
        given = tmp_path / "plan.json"
        given.write_bytes(plan(server.url(), seconds=60).as_json())
        gate = subprocess.Popen(
            ["/bin/sh", "-c", shell, "sh", str(given), *command()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert gate.stdout is not None
        process = int(gate.stdout.readline())
        assert _comes(lambda: bool(server.asked))
        assert _state(process) not in "ZX"
        limits = Path(f"/proc/{process}/limits").read_text()
        assert re.search(rf"Max address space +{MEMORY} ", limits)
        assert re.search(r"Max cpu time +9\d ", limits)
        gate.communicate("")
        assert _comes(lambda: _state(process) in "ZX")


def _comes(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 15
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def _state(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
