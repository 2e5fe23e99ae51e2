"""Items of a configuration whose line went away, with the line that it has likely become."""

import difflib
from collections.abc import Iterator, Sequence

from readiness_gate.checklist.document import Item
from readiness_gate.doors import yaml

_ALIKE = 0.72


def renamed(text: str, items: Sequence[Item], *, name: str) -> Iterator[str]:
    """Yield one line for every item of a configuration that reads like a line it is not.

    Items that never were lines are not told: a configuration may have its own.
    """
    known = yaml.load(text, name=name).data.get("items") or {}
    lines = {item.id for item in items}
    free = [one for one in lines if one not in known]
    for id_ in known:
        if id_ in lines:
            continue
        near = difflib.get_close_matches(id_, free, n=1, cutoff=_ALIKE)
        if near:
            yield f"items.{id_} is no line any more; {near[0]} reads like it: move its binding"
