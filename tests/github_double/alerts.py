"""Open alerts of the scanners, and whether the scanners are on."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["code-scanning", "dependabot", "secret-scanning"]


@dataclass(frozen=True)
class Alert:
    """One open alert. `where` is the ref that code scanning saw it on; empty is the default one."""

    number: int
    severity: str
    what: str
    where: str
    created_at: str


@dataclass(frozen=True)
class Analysis:
    """One analysis of code scanning."""

    id: int
    ref: str
    sha: str
    error: str
    created_at: str


class Alerts:
    """What the scanners of one repository found; those that are not enabled find nothing."""

    def __init__(self) -> None:
        self.enabled: set[Kind] = set()
        self.found: dict[Kind, list[Alert]] = {}
        self.analyses: list[Analysis] = []

    def analyse(self, ref: str, sha: str, *, error: str = "", now: str = "") -> Analysis:
        """Code scanning has looked at a ref; it is enabled by that."""
        self.enabled.add("code-scanning")
        done = Analysis(len(self.analyses) + 1, ref, sha, error, now)
        self.analyses.append(done)
        return done

    def add(self, kind: Kind, severity: str, what: str, *, where: str = "", now: str = "") -> Alert:
        """One more open alert; its scanner is on then."""
        self.enabled.add(kind)
        known = self.found.setdefault(kind, [])
        alert = Alert(len(known) + 1, severity, what, where, now)
        known.append(alert)
        return alert
