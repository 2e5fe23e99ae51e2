"""Environment files, as compose's `env_file` reads them."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

NAME = r"[A-Za-z_][A-Za-z0-9_]{0,127}"
_LINE = re.compile(rf"\s*(?:export\s+)?({NAME})\s*(?:=|:\s)\s*(.*)")
_REFERENCE = re.compile(r"\$\{?[A-Za-z_]")


@dataclass(frozen=True)
class SetVariable:
    """A variable as it is set; `line` counts from 1 and is 0 where there is no file."""

    value: str = field(repr=False)
    line: int
    literal: bool
    """Whether the value is all there, not taken from another variable."""


def read_environment(text: str) -> Iterator[tuple[str, SetVariable]]:
    """Yield name and variable of every line that sets one; of a name set twice the last counts."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = None if line.lstrip().startswith("#") else _LINE.fullmatch(line)
        if match is not None:
            value, literal = _value(match[2].strip())
            yield match[1], SetVariable(value, number, literal=literal)


def _value(written: str) -> tuple[str, bool]:
    """Return the value and whether it is all there (not taken from another variable)."""
    quote = written[:1]
    if quote in {"'", '"'} and (end := written.find(quote, 1)) > 0:
        value = written[1:end]
        return value, quote == "'" or not _REFERENCE.search(value)
    value = "" if quote == "#" else re.split(r"\s#", written, maxsplit=1)[0].rstrip()
    return value, not _REFERENCE.search(value)


def shannon_entropy(value: str) -> float:
    """Return the bits that a character of a text carries, by how often each is there."""
    shares = [count / len(value) for count in Counter(value).values()]
    return sum(share * math.log2(1 / share) for share in shares)
