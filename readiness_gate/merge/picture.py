"""A graph as Mermaid: states by shape and word, so that nobody needs colours (DESIGN 1.3). Pure.

Only numbers, states and validated names get in: Mermaid reads markup and links in labels.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from readiness_gate.model.pull_request import Edge, EdgeState, Reference

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_.-]{1,100}", re.ASCII)
_DONE = frozenset({EdgeState.MERGED, EdgeState.AHEAD, EdgeState.DONE})
_UNTOLD = frozenset({EdgeState.UNREACHABLE, EdgeState.UNKNOWN, EdgeState.NOT_LISTED})
OWN = ("[[", "]]")
_SHAPES = {
    "done": ("([", "])"),
    "open": ("[", "]"),
    "draft": ("[/", "/]"),
    "untold": ("{", "}"),
    "lost": ("{{", "}}"),
}


def mermaid(
    states: Mapping[Reference, EdgeState],
    edges: Iterable[tuple[Reference, Reference]],
    *,
    home: str,
    own: Collection[Reference] = (),
) -> str:
    """Return a flowchart whose arrows lead from what merges first to what waits for it.

    `states` has every node; `edges` are pairs of who waits and what for; `own` is drawn with a
    double border and said to be this one.
    """
    ids = {one: f"n{place}" for place, one in enumerate(sorted(states))}
    lines = ["flowchart LR"]
    for one in sorted(states):
        opening, closing = OWN if one in own else _SHAPES[_shape(states[one])]
        word = "this one" if one in own else states[one].value
        lines.append(f'  {ids[one]}{opening}"{_name(one, home)} {word}"{closing}')
    known = [pair for pair in dict.fromkeys(edges) if ids.keys() >= set(pair)]
    lines += [f"  {ids[first]} --> {ids[waiting]}" for waiting, first in known]
    return "\n".join(lines)


def states_of(
    opened: Mapping[Reference, bool], edges: Sequence[Edge]
) -> dict[Reference, EdgeState]:
    """Return the state of every node: of what is waited for, and of those that are open.

    `opened` says of every open pull request whether it is a draft.
    """
    states = {edge.dependency: edge.state for edge in edges}
    # One that waits for nothing of this graph is open, whatever another one calls it.
    return states | {
        one: EdgeState.DRAFT if draft else EdgeState.OPEN
        for one, draft in opened.items()
        if one not in states
    }


def _shape(state: EdgeState) -> str:
    if state in _DONE:
        return "done"
    if state in {EdgeState.OPEN, EdgeState.DRAFT}:
        return state.value
    return "untold" if state in _UNTOLD else "lost"


def _name(one: Reference, home: str) -> str:
    if one.repository.casefold() == home.casefold():
        return f"#{one.number}"
    return f"{one.repository if _REPOSITORY.fullmatch(one.repository) else '?'}#{one.number}"
