"""Commands that people give in comments: `/readiness recheck`, `/readiness attest ID URL`.

A command is a line of its own, written exactly so. What is quoted, shown as code, listed, struck
out or hidden is no command, nor is a sentence that holds one. Linear in the length of the comment
(notes on security S-15): the Markdown library reads the blocks, and only those that can hold a
command are read further.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from readiness_gate.merge.visible import Block, blocks

WORD = "/readiness"
HOW = "/readiness recheck, or /readiness attest ID URL"
"""What may be written, for messages."""
_ID = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}"
_URL = r"https?://[A-Za-z0-9][^\s<>`|\\\"']{2,1999}"
_RECHECK = re.compile(rf"{WORD}[ \t]+recheck")
_ATTEST = re.compile(rf"{WORD}[ \t]+attest[ \t]+({_ID})[ \t]+({_URL})")
_ANY = re.compile(rf"{WORD}(?![\w/-])")
_LONGEST = 3_000


@dataclass(frozen=True)
class Recheck:
    """Evaluate this pull request again."""


@dataclass(frozen=True)
class Attest:
    """The writer says that an item is true, and where the proof can be read."""

    id: str
    evidence: str
    """An `http` or `https` address."""


@dataclass(frozen=True)
class Unknown:
    """A line that begins like a command and is none."""

    line: int


Command = Recheck | Attest | Unknown


@lru_cache(maxsize=128)  # every item of a checklist asks about the same comments
def commands(body: str) -> tuple[Command, ...]:
    """Return the commands of a comment or of a review's text, in their order, each once."""
    if WORD not in body:
        return ()
    return tuple(dict.fromkeys(command for block in blocks(body) for command in _of(block)))


def _of(block: Block) -> Iterator[Command]:
    if block.kind != "text" or block.depth or block.alert or WORD not in block.content:
        return
    # Commands are read from the source, since emphasis would eat the stars of an address; whether
    # the line is seen at all (a code span can stretch over lines) is told by what is visible.
    seen = {line.number for line in block.lines(_ANY) if _ANY.match(line.text.lstrip())}
    for number, line in enumerate(block.content.split("\n"), block.line):
        text = line.strip(" \t\r")
        if number not in seen or not _ANY.match(text):
            continue
        yield _read(text, number)


def _read(text: str, number: int) -> Command:
    if len(text) > _LONGEST:
        return Unknown(number)
    if _RECHECK.fullmatch(text):
        return Recheck()
    if match := _ATTEST.fullmatch(text):
        return Attest(match[1], match[2])
    return Unknown(number)
