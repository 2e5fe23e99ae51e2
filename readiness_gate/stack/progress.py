"""For what the gate waits, said while it waits: when it changes, and every few seconds."""

from collections.abc import Callable, Mapping

from readiness_gate.stack.judge import Judgement

EVERY = 10.0
"""Seconds after which the same words are said again."""
FIRST = 2.0
"""Seconds that nobody wonders about."""
_SHOWN = 3

Tell = Callable[[str], None]


class Progress:
    """Says one line for what is not up yet."""

    def __init__(self, tell: Tell | None) -> None:
        """Say it to `tell`; `None`: to nobody."""
        self._tell = tell
        self._last: tuple[str, ...] = ()
        self._at = float("-inf")

    def look(self, judgements: Mapping[str, Judgement], waited: float, now: float) -> None:
        """Take in one look after so many seconds; judgements are those of wanted services."""
        if self._tell is None or waited < FIRST:
            return
        waiting = {name: one.cause or one.state for name, one in judgements.items() if not one.good}
        # A restart count or the words of a health check change all the time.
        names = tuple(sorted(waiting))
        if not waiting or (names == self._last and now - self._at < EVERY):
            return
        self._last, self._at = names, now
        shown = "; ".join(f"{name} ({waiting[name]})" for name in names[:_SHOWN])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        self._tell(f"after {waited:.0f} s waiting for {shown}{more}")
