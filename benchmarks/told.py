"""How a figure is printed: what it is, the figure, what it stands beside."""


def heading(text: str) -> None:
    """Print the name of a group and what it measures."""
    print(f"\n{text}", flush=True)


def figure(name: str, value: str, beside: str = "") -> None:
    """Print one figure and, behind it, its peer or budget."""
    print(f"  {name:<44} {value:>12}   {beside}".rstrip(), flush=True)


def note(text: str) -> None:
    """Print how a figure came about."""
    print(f"  ({text})", flush=True)


def budget(value: float, limit: float, unit: str) -> str:
    """Return a budget, and whether the figure keeps it."""
    return f"budget {limit:g} {unit}{'' if value <= limit else ': MISSED'}"
