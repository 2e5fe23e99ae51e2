"""The first moments of a command."""

import subprocess
import sys

PROGRAM = """
import sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "readiness_gate.cli.app":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from readiness_gate.cli import main
main()
"""


def test_an_interrupt_while_it_still_loads_ends_it_without_a_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
