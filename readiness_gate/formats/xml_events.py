"""XML of strangers, element by element: no entities, bounded in size, depth and number.

Read by events and not through junitparser or defusedxml, which build the whole tree first and set
no bound on its depth and number. A document type may be named, as Cobertura and JaCoCo do; one that
defines anything is refused.
"""

from collections.abc import Callable, Mapping
from xml.parsers import expat

_DEEPEST = 40
_ELEMENTS_CAP = 5_000_000

Start = Callable[[tuple[str, ...], Mapping[str, str]], None]
"""Is given the names from the root to this element, and its attributes."""
End = Callable[[tuple[str, ...], str], None]
"""Is given the same names, and the element's own text, capped."""

_TEXT_CAP = 4_096


def read_xml(
    data: bytes, start: Start, end: End | None = None, *, text_cap: int = _TEXT_CAP
) -> None:
    """Call `start` and `end` for every element; names are without their prefix.

    Of an element's text at most `text_cap` characters are kept.

    Raises:
        ValueError: not well-formed, with definitions of its own, or beyond the bounds.
    """
    walk = _Walk(start, end, text_cap)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_definitions
    parser.EntityDeclHandler = _refuse_entity
    parser.SkippedEntityHandler = _refuse_entity
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.characters
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise ValueError(f"not well-formed XML: {error}") from None


def whole(attributes: Mapping[str, str], name: str, default: str = "") -> int:
    """Return an attribute that counts something.

    Raises:
        ValueError: it is missing without a default, or no number.
    """
    text = attributes.get(name, default).strip()
    if not text.isdecimal() or not text.isascii() or len(text) > 15:
        raise ValueError(f"{name} is {text[:20]!r}, not a number")
    return int(text)


def _refuse_definitions(*declared: object) -> None:
    if declared[-1]:
        raise ValueError("has a document type with definitions, which no report needs")


def _refuse_entity(*_: object) -> None:
    raise ValueError("has an entity, which no report needs")


class _Walk:
    """The way from the root to the element that is read."""

    def __init__(self, start: Start, end: End | None, text_cap: int) -> None:
        self._started, self._ended, self._text_cap = start, end, text_cap
        self._path: tuple[str, ...] = ()
        self._text: list[str] = []
        self._length = 0
        self._seen = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path = (*self._path, name.rpartition(":")[2])
        self._seen += 1
        if len(self._path) > _DEEPEST:
            raise ValueError(f"nested deeper than {_DEEPEST}")
        if self._seen > _ELEMENTS_CAP:
            raise ValueError(f"more than {_ELEMENTS_CAP} elements")
        self._text, self._length = [], 0
        self._started(self._path, attributes)

    def characters(self, text: str) -> None:
        if self._length < self._text_cap:
            self._text.append(text[: self._text_cap - self._length])
            self._length += len(text)

    def end(self, _name: str) -> None:
        if self._ended is not None:
            self._ended(self._path, "".join(self._text).strip())
        self._text, self._length = [], 0
        self._path = self._path[:-1]
