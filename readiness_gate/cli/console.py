"""Where words meet people: results on standard output, everything else on standard error."""

import os
import re
import sys
import unicodedata
from collections.abc import Callable
from typing import TextIO

_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


class Console:
    """Writes text; colour only where a person looks and has not said no (NO_COLOR, --no-color)."""

    def __init__(self, *, color: bool | None = None, verbose: bool = False) -> None:
        """`color` of `None` decides by the terminal and the environment (no-color.org)."""
        self.verbose = verbose
        self.interactive = _is_terminal(sys.stderr)
        self.color = self._wants_color() if color is None else color
        self.hide: Callable[[str], str] = str
        """Takes secrets out of what is written to standard error."""

    def out(self, text: str) -> None:
        """Write a result to standard output."""
        _write(sys.stdout, text)

    def note(self, text: str) -> None:
        """Write progress or advice to standard error."""
        _write(sys.stderr, self.harmless(text))

    def problem(self, message: str, advice: str = "") -> None:
        """Write what is wrong, and the next step."""
        _write(sys.stderr, f"{self._paint('error', '31')}: {self.harmless(message)}")
        if advice:
            _write(sys.stderr, f"  {self._paint('next step', '36')}: {self.harmless(advice)}")

    def detail(self, text: str) -> None:
        """Write to standard error with `-v` only."""
        if self.verbose:
            _write(sys.stderr, self.harmless(text))

    def harmless(self, text: str) -> str:
        """Return text without secrets that no terminal and no runner obeys.

        What the target printed may stand in it: workflow commands (`::` at the start of a line,
        `##[` anywhere) and terminal codes.
        """
        text = self.hide(text)
        if not text.isprintable():
            # First: what is invisible in front of a command becomes a blank, which runners skip.
            text = "".join(map(_seen, text))
        return _COMMAND.sub(r"\1: ", text).replace("##[", "## [")

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text

    @staticmethod
    def _wants_color() -> bool:
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return _is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb"


def _seen(one: str) -> str:
    return " " if one not in "\n\t" and unicodedata.category(one) in _UNSEEN else one


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return  # closed before the start (`>&-`): whoever did it wants to hear nothing
    # A reader that went away (`| head`) is no failure of the gate.
    try:
        stream.write(text if text.endswith("\n") else f"{text}\n")
        stream.flush()
    except BrokenPipeError:
        # What is still to come of this stream goes nowhere; the other one has its reader yet.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
