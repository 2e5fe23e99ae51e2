"""Whether connections come back after a load, as the server sees them; pure."""

from dataclasses import dataclass

from readiness_gate.database.limits import Open


@dataclass(frozen=True)
class Load:
    """What was open before a load, at its height, and once it was over."""

    before: Open
    peak: int
    """Most sessions that were seen at once."""
    after: Open

    def problem(self, *, most: int | None, kept: int) -> str:
        """Return what is wrong, empty where nothing is.

        `most`: what the known pools open together; `kept`: what they keep once the load is over.
        A pool ends the transaction of what it gets back, so one that is idle inside a transaction
        was not given back.
        """
        lost = self.after.holding - self.before.holding
        if lost > 0:
            return f"{lost} more than before are idle inside a transaction: they never came back"
        if self.after.sessions > self.before.sessions + kept:
            return (
                f"{self.after.sessions} stay open, and the pools keep {kept} "
                f"(before: {self.before.sessions})"
            )
        if most is not None and self.peak > self.before.sessions + most:
            return (
                f"{self.peak} were open at once, and the pools open {most} at most: a service, "
                "a worker or an engine is not listed"
            )
        return ""

    def settled(self, *, kept: int) -> bool:
        """Return whether everything has come back, so that there is nothing to wait for."""
        return self.problem(most=None, kept=kept) == ""
