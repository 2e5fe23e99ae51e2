"""What to mind when a pull request merges that others are based on (notes on pull requests 42).

Plain sentences of our own words and numbers.
"""

from collections.abc import Collection, Sequence

from readiness_gate.model.pull_request import Reference

_SHOWN = 10


def landing(
    children: Sequence[Reference], *, home: str, methods: Collection[str] | None = None
) -> tuple[str, ...]:
    """Return what to mind, nothing for one without children.

    `methods` are those of `merge`, `squash` and `rebase` that the repository allows; `None` is
    not known, and then all are taken to be allowed.
    """
    if not children:
        return ()
    names = ", ".join(one.short(home) for one in children[:_SHOWN])
    more = len(children) - _SHOWN
    names += f" and {more} more" if more > 0 else ""
    said = [
        (
            f"deleting its branch on the command line or through the API closes {names}: "
            "merge on GitHub's page, which gives them another base, or change their base first"
        )
    ]
    if methods is None or set(methods) - {"merge"}:
        ways = " or ".join(one for one in ("squash", "rebase") if methods is None or one in methods)
        what = (
            "merge it with a merge commit, or rebase them"
            if methods is None or "merge" in methods
            else "rebase them"
        )
        said.append(f"a {ways} merge leaves its commits behind in {names}: {what} afterwards")
    return tuple(said)
