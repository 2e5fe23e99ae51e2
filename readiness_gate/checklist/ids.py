"""From the text of a line to its id. FROZEN: bindings, waivers and sign-offs hang on it.

The id of a text must never change between releases; `tests/checklist/test_ids.py` holds a table.
"""

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import NamedTuple

_LENGTH = 48
_LIKE = 0.6
"""Ids less alike than this are of different lines."""
_EXTRA = str.maketrans(
    {
        # Cyrillic, after ISO 9 without its diacritics; the signs are silent.
        **dict(zip("абвгдезийклмнопрстуфхыэіјѣ", "abvgdezijklmnoprstufhyeije", strict=True)),
        "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu",
        "я": "ya", "ё": "e", "є": "ye", "ї": "yi", "ґ": "g", "ў": "u", "ђ": "dj", "љ": "lj",
        "њ": "nj", "ћ": "c", "џ": "dz",
        # Greek, after ISO 843 without its diacritics.
        **dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True)),
        "θ": "th", "χ": "ch", "ψ": "ps", "ς": "s",
        # Latin letters that do not decompose.
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i", "ħ": "h", "ŋ": "n",
    }
)  # fmt: skip


class Vanished(NamedTuple):
    """An id that somebody uses and no line has any more."""

    id: str
    successor: str | None
    """The line that it most likely became, `None` where none is alike."""


def item_id(text: str) -> str:
    """Return the id of a text: its words in ASCII, short enough to type, kebab case.

    Where letters had to be left out (scripts without a table here) or words were cut off, a few
    digits of a hash of the text keep ids of different texts apart.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    plain, lost = _ascii(folded)
    words = re.findall(r"[a-z0-9]+", plain)
    kept = _first(words)
    exact = kept == words and not lost
    if kept and exact:
        return "-".join(kept)
    mark = hashlib.sha256(" ".join(folded.split()).encode(errors="surrogatepass")).hexdigest()
    return "-".join([*kept, mark[:6]]) if kept else f"item-{mark[:8]}"


def sign_off_id(role: str) -> str:
    """Return the id of a role's signature, as `import` writes it."""
    return f"sign-off-{item_id(role)}"[:60].rstrip("-")


def distinct(wanted: Iterable[tuple[str, bool]]) -> list[str]:
    """Return an id for every `(id, pinned)`: pins as they are, repeated others with -2, -3, ….

    Two equal pins stay equal; the caller refuses them.
    """
    wanted = list(wanted)
    taken = {name for name, pinned in wanted if pinned}
    taken_first = taken | {name for name, _ in wanted}
    numbers: dict[str, int] = {}
    given: list[str] = []
    for name, pinned in wanted:
        if pinned:
            given.append(name)
            continue
        number = numbers.get(name, 1)
        free = name if number == 1 else f"{name}-{number}"
        while free in taken or (number > 1 and free in taken_first):
            number += 1
            free = f"{name}-{number}"
        taken.add(free)
        numbers[name] = number
        given.append(free)
    return given


def vanished(used: Iterable[str], lines: Collection[str]) -> tuple[Vanished, ...]:
    """Return for every used id that no line has the line that it likely became.

    Args:
        used: ids that a configuration, waivers or sign-offs name, of lines that once were.
        lines: ids of the lines as they are now.

    A line is named once, for the id that is most like it; lines that are used as they are never.
    """
    wanted = list(dict.fromkeys(used))
    gone = [name for name in wanted if name not in set(lines)]
    free = {name: set(_parts(name)) for name in lines if name not in set(wanted)}
    by_word: dict[str, list[str]] = {}
    for name, parts in free.items():
        for part in parts:
            by_word.setdefault(part, []).append(name)
    pairs: list[tuple[float, str, str]] = []
    for old in gone:
        words = sorted(set(_parts(old)), key=lambda word: len(by_word.get(word, ())))
        near = dict.fromkeys(name for word in words[:4] for name in by_word.get(word, ())[:50])
        pairs += [
            (likeness, old, name) for name in near if (likeness := _alike(old, name)) >= _LIKE
        ]
    successors: dict[str, str] = {}
    taken: set[str] = set()
    for _, old, name in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if old not in successors and name not in taken:
            successors[old] = name
            taken.add(name)
    return tuple(Vanished(old, successors.get(old)) for old in gone)


def _parts(name: str) -> list[str]:
    """Return the words of an id without the digits of its hash or its number."""
    return re.sub(r"-(?:[0-9a-f]{6}|\d{1,3})$", "", name).split("-")


def _alike(old: str, new: str) -> float:
    """Return from 0 to 1 how alike two ids are, in their words and in their letters."""
    ours, theirs = _parts(old), _parts(new)
    shared = len(set(ours) & set(theirs)) / len(set(ours) | set(theirs))
    letters = difflib.SequenceMatcher(None, "-".join(ours), "-".join(theirs)).ratio()
    return max(shared, letters)


def _ascii(folded: str) -> tuple[str, bool]:
    lost = False
    letters: list[str] = []
    # The table first: NFKD would take the breve off a letter that has its own entry.
    for char in unicodedata.normalize("NFKD", folded.translate(_EXTRA)).translate(_EXTRA):
        if char.isascii():
            letters.append(char)
        elif not unicodedata.combining(char):
            lost = lost or unicodedata.category(char)[0] in "LN"
            letters.append(" ")
    return "".join(letters), lost


def _first(words: list[str]) -> list[str]:
    kept: list[str] = []
    length = 0
    for word in words:
        length += len(word) + 1
        if length > _LENGTH + 1:
            break
        kept.append(word)
    return kept if kept or not words else [words[0][:_LENGTH]]
