"""The one place where exceptions become exit codes (DESIGN 1.2, 2)."""

import traceback
from collections.abc import Callable

from readiness_gate.cli.console import Console
from readiness_gate.errors import GateError

INTERRUPTED = 130
COULD_NOT_EVALUATE = 3


def exit_code_of(command: Callable[[], int], console: Console) -> int:
    """Run a command and return its exit code; expected problems are one line and one advice."""
    try:
        return command()
    except GateError as error:
        console.problem(error.message, error.advice)
        return error.exit_code
    except KeyboardInterrupt:
        console.note("interrupted")
        return INTERRUPTED
    except Exception as error:
        console.problem(
            f"{type(error).__name__}: {error}",
            "This is a fault of the gate: please report it with the lines below.",
        )
        console.note(traceback.format_exc(limit=-8))
        return COULD_NOT_EVALUATE
