"""GitHub's CODEOWNERS: whose approval a path needs.

After GitHub's page "About code owners": the last pattern that matches decides, patterns are
gitignore's without `!`, `[ ]` and an escaped `#`, letters' case counts, and a line that is not
understood is skipped. A pattern without owners leaves its files to nobody.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file; the first one counts."""
LARGEST = 3 * 1024 * 1024
"""Bytes; GitHub does not read a larger file."""
_OWNER = re.compile(r"@[\w-]+(/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+", re.ASCII)
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True)
class OwnersRule:
    """One line: a pattern, and the users, teams or addresses that it names."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    """`@user`, `@organisation/team` or an e-mail address; empty where it takes owners away."""


@dataclass(frozen=True)
class CodeOwners:
    """The rules of one file in its order, and the lines that GitHub skips."""

    rules: tuple[OwnersRule, ...]
    skipped: tuple[int, ...] = ()

    def rule_for(self, path: str) -> OwnersRule | None:
        """Return the rule that decides over a path, `None` where no pattern matches."""
        return next((rule for rule in reversed(self.rules) if owned(path, rule.pattern)), None)


def code_owners(text: str) -> CodeOwners:
    """Return the rules of a file's text."""
    rules: list[OwnersRule] = []
    skipped: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        pattern, *owners = _words(line) or [""]
        if not pattern:
            continue
        if _unsupported(pattern) or not all(_OWNER.fullmatch(owner) for owner in owners):
            skipped.append(number)
        else:
            rules.append(OwnersRule(number, pattern.replace("\\ ", " "), tuple(owners)))
    return CodeOwners(tuple(rules), tuple(skipped))


def owned(path: str, pattern: str) -> bool:
    """Return whether a pattern covers a path, written with slashes from the repository's root."""
    segments = pattern.split("/")
    anchored = len(segments) > 1 and segments[1:] != [""]
    if segments[0] == "":
        segments = segments[1:]
    elif not anchored and segments[0] != "**":
        segments = ["**", *segments]
    if segments == [""]:
        return False
    below = segments[-1] == ""
    if below:
        segments = segments[:-1]
    parts = path.split("/")
    if not below and segments[-1] in {"*", "**"}:
        # `docs/*` is about what lies in the folder itself; `docs/**` about all below it.
        ends = {len(parts)}
    else:
        # A pattern that covers a folder covers all that is in it.
        ends = set(range(1, len(parts) + (0 if below else 1)))
    return bool(_reached(parts, segments, below=below) & ends)


def _reached(parts: list[str], segments: list[str], *, below: bool) -> set[int]:
    # A row of reachable positions instead of backtracking: `**/**/**` stays linear.
    reachable = {0}
    for place, segment in enumerate(segments):
        if segment == "**":
            # At the end it stands for something, elsewhere for nothing as well.
            more = place == len(segments) - 1 and not below
            first = min(reachable, default=len(parts) + 1) + (1 if more else 0)
            reachable = set(range(first, len(parts) + 1))
        else:
            reachable = {
                at + 1 for at in reachable if at < len(parts) and fnmatchcase(parts[at], segment)
            }
    return reachable


def _words(line: str) -> list[str]:
    words: list[str] = []
    for word in _WORD.findall(line):
        if word.startswith("#"):
            break
        words.append(word)
    return words


def _unsupported(pattern: str) -> bool:
    unescaped = pattern.replace("\\ ", "")
    return pattern.startswith("!") or "***" in pattern or any(one in unescaped for one in "[]\\")
