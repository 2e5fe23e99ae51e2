"""What ends a check that asked a probe inside the target and got no usable answer."""

from readiness_gate.doors.programs import Completed

_LOG_CAP = 4_000


class Unread(ValueError):  # noqa: N818 - no fault of the gate's: what could not be read
    """The target gave no usable answer; `log` is the end of what its programs wrote."""

    def __init__(self, message: str, completed: Completed) -> None:
        """Keep the reason and the log."""
        super().__init__(message)
        self.log = completed.stderr[-_LOG_CAP:]
