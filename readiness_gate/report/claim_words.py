"""What a checklist claims, sorted into what a reader looks for. Pure."""

from dataclasses import dataclass

from readiness_gate.model.outcome import Half
from readiness_gate.model.report import Claim, Report


@dataclass(frozen=True)
class ClaimRows:
    """The claims of one half; every one stands in exactly one place."""

    wrong: tuple[Claim, ...]
    """What was found speaks against it."""
    unticked: tuple[Claim, ...]
    """It passes, and nobody ticked it."""
    beside: tuple[Claim, ...]
    """Percentages, figures and decisions that agree with what was found."""
    ticks: int
    """Ticks that agree."""

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.wrong or self.unticked or self.beside or self.ticks)

    @property
    def agreeing(self) -> int:
        """How many agree."""
        return len(self.beside) + self.ticks


def claim_rows(report: Report, half: Half | None = None) -> ClaimRows:
    """Return the claims of a half, by default all of them.

    A tick belongs to the half of its item, everything else to the checks.
    """
    halves = {item.id: item.half for item in report.items}
    mine = [
        one
        for one in report.claims
        if half is None or halves.get(one.item or "", Half.CHECKS) is half
    ]
    return ClaimRows(
        wrong=tuple(one for one in mine if not one.agrees and not _unticked(one)),
        unticked=tuple(one for one in mine if _unticked(one)),
        beside=tuple(one for one in mine if one.agrees and one.kind != "tick"),
        ticks=sum(one.agrees and one.kind == "tick" for one in mine),
    )


def _unticked(claim: Claim) -> bool:
    return claim.kind == "tick" and claim.computed == "passed" and not claim.agrees
