"""Items of a configuration whose line went away, with the line that it has likely become."""

from collections.abc import Iterator, Sequence

from readiness_gate.checklist.document import Item
from readiness_gate.checklist.ids import vanished
from readiness_gate.config.load import SIZE_CAP
from readiness_gate.doors import yaml


def renamed(text: str, items: Sequence[Item], *, name: str) -> Iterator[str]:
    """Yield one line for every item of a configuration that reads like a line it is not.

    Items that never were lines are not told: a configuration may have its own.
    """
    known = yaml.load(text, name=name, cap=SIZE_CAP).data.get("items") or {}
    for gone in vanished(known, [item.id for item in items]):
        if gone.successor is not None:
            yield (
                f"items.{gone.id} is no line any more; {gone.successor} reads like it: "
                "move its binding"
            )
