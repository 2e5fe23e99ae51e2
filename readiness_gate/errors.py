"""Errors that end a command; only `cli/` turns them into exit codes (DESIGN 1.2)."""


class GateError(Exception):
    """A problem with one line of cause and one line of advice; never a traceback for the user."""

    exit_code = 3

    def __init__(self, message: str, *, advice: str = "") -> None:
        """Keep `message` (what is wrong, naming file, key or service) and `advice` (next step)."""
        super().__init__(message)
        self.message = message
        self.advice = advice


class ConfigurationError(GateError):
    """Usage or configuration is wrong; nothing was evaluated. Exit code 2."""

    exit_code = 2


class NoConfiguration(ConfigurationError):  # noqa: N818
    """There is none at the base, nor a valid one in the pull request. Exit code 2, no status."""


class ForgeError(GateError):
    """GitHub could not be asked, or gave no usable answer. Exit code 3."""


class PermissionMissing(ForgeError):  # noqa: N818 - the fact, not the exception, is the name
    """The token lacks `permission`, in GitHub's own words, such as `statuses: write`."""

    def __init__(self, message: str, *, permission: str, advice: str = "") -> None:
        """Name the permission so that the reader can add it to the workflow."""
        super().__init__(message, advice=advice)
        self.permission = permission


class StackError(GateError):
    """The stack could not be built, started or reached.

    `infrastructure` is true where the platform and not the pull request is at fault
    (no engine, registry limit, disk full). Exit code 3.
    """

    def __init__(
        self, message: str, *, advice: str = "", infrastructure: bool = False, log: str = ""
    ) -> None:
        """Keep the cause, whose fault it is, and the tail of the log that shows it."""
        super().__init__(message, advice=advice)
        self.infrastructure = infrastructure
        self.log = log


class DatabaseError(GateError):
    """A database could not be reached or read. Exit code 3."""


class Interrupted(GateError):  # noqa: N818
    """The user or the runner asked to stop. Exit code 130."""

    exit_code = 130
