"""Metrics as Prometheus scrapes them: the text format 0.0.4, and OpenMetrics 1.0.

Strict: what Prometheus would refuse, or take for something else than was meant, is a problem with
its line. Names in UTF-8 are read in quotes, as Prometheus 3 writes them.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,999}")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,999}")
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?"
)
_NAMED_NUMBER = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
_TYPES = frozenset({"counter", "gauge", "histogram", "summary", "untyped"})
_OPEN_TYPES = _TYPES | {"unknown", "info", "stateset", "gaugehistogram"}
_SUFFIXES = ("_total", "_created", "_bucket", "_count", "_sum", "_info", "_gsum", "_gcount")
_MOST_PROBLEMS = 50
_MOST_LABELS = 200

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sample:
    """One line with a value."""

    name: str
    labels: Labels
    """Sorted by name."""
    value: float
    line: int

    def label(self, name: str) -> str | None:
        """Return the value of a label, `None` where it has none of that name."""
        return next((value for key, value in self.labels if key == name), None)


@dataclass
class MetricFamily:
    """What belongs to one name."""

    name: str
    type: str = ""
    """Empty where no `# TYPE` says it."""
    help: str = ""
    samples: list[Sample] = field(default_factory=list)

    @property
    def values(self) -> list[Sample]:
        """Return the samples that count: of a histogram or a summary those of `_count`."""
        if self.type in {"histogram", "summary"}:
            return [one for one in self.samples if one.name == f"{self.name}_count"]
        return [one for one in self.samples if not one.name.endswith("_created")]


@dataclass(frozen=True)
class Exposition:
    """One scrape."""

    families: Mapping[str, MetricFamily]
    problems: tuple[tuple[int, str], ...]
    """Line and cause."""

    @property
    def series(self) -> int:
        """Return how many samples there are."""
        return sum(len(one.samples) for one in self.families.values())

    def family(self, name: str) -> MetricFamily | None:
        """Return a family by its name, or by a counter's with or without `_total`."""
        for form in (name, name.removesuffix("_total"), f"{name}_total"):
            if form in self.families:
                return self.families[form]
        return None


def exposition(data: bytes, *, openmetrics: bool = False) -> Exposition:
    """Return the metrics of one answer; never raises for what stands in it."""
    reading = _Reading(openmetrics)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Exposition({}, ((line, "is not UTF-8"),))
    if text and not text.endswith("\n"):
        reading.problem(text.count("\n") + 1, "the last line has no end: it may be cut")
    lines = text.split("\n")
    whole = lines[:-1] if text.endswith("\n") else lines
    for number, one in enumerate(whole, 1):
        reading.line(number, one)
        if len(reading.problems) >= _MOST_PROBLEMS:
            break
    reading.end(len(lines))
    return Exposition(reading.families, tuple(reading.problems))


class _Broken(ValueError):  # noqa: N818 - the fact is the name
    """A line cannot be read."""


class _Reading:
    def __init__(self, openmetrics: bool) -> None:
        self.families: dict[str, MetricFamily] = {}
        self.problems: list[tuple[int, str]] = []
        self._open = openmetrics
        self._types = _OPEN_TYPES if openmetrics else _TYPES
        self._seen: set[tuple[str, Labels]] = set()
        self._helped: set[str] = set()
        self._ended = False
        self._owners: dict[str, str] = {}

    def problem(self, line: int, cause: str) -> None:
        self.problems.append((line, cause))

    def line(self, number: int, text: str) -> None:
        if self._ended:
            self.problem(number, "stands behind # EOF")
            return
        try:
            if text.startswith("#"):
                self._comment(text)
            elif text.strip(" \t"):
                self._sample(number, text)
            elif self._open:
                self.problem(number, "an empty line, which OpenMetrics does not have")
        except _Broken as error:
            self.problem(number, str(error))

    def end(self, number: int) -> None:
        if self._open and not self._ended:
            self.problem(number, "# EOF is missing: it may be cut")
        for family in self.families.values():
            if family.type == "histogram":
                for line, cause in _histogram_problems(family):
                    self.problem(line, cause)

    def _comment(self, text: str) -> None:
        if self._open and text == "# EOF":
            self._ended = True
            return
        words = text[1:].split(None, 1)
        if not words or words[0] not in {"HELP", "TYPE", "UNIT"}:
            return
        rest = words[1] if len(words) > 1 else ""
        name, rest = _name(rest)
        rest = rest.strip(" \t")
        if words[0] == "UNIT":
            return
        family = self._family(name)
        if words[0] == "HELP":
            if name in self._helped:
                raise _Broken(f"a second HELP for {name}")
            self._helped.add(name)
            family.help = rest
            return
        if rest not in self._types:
            raise _Broken(f"TYPE {rest[:40]!r} of {name} is unknown")
        if family.type:
            raise _Broken(f"a second TYPE for {name}")
        if family.samples:
            raise _Broken(f"TYPE of {name} stands behind its samples")
        family.type = rest
        for suffix in _SUFFIXES if rest not in {"gauge", "untyped", "unknown"} else ():
            self._owners[f"{name}{suffix}"] = name

    def _family(self, name: str) -> MetricFamily:
        return self.families.setdefault(name, MetricFamily(name))

    def _sample(self, number: int, text: str) -> None:
        name, labels, rest = _head(text)
        rest, _, exemplar = rest.partition(" # ")
        if exemplar and not self._open:
            raise _Broken("an exemplar, which the text format does not have")
        words = rest.split()
        if not 1 <= len(words) <= 2:
            raise _Broken("a value, and at most a time stamp, has to follow the name")
        value = _number(words[0])
        if len(words) == 2:
            _number(words[1])
        if (name, labels) in self._seen:
            raise _Broken(f"a second sample of {_series(name, labels)}")
        self._seen.add((name, labels))
        owner = name if name in self.families else self._owners.get(name, name)
        family = self._family(owner)
        if family.type == "counter" and (value < 0 or math.isnan(value)):
            self.problem(number, f"the counter {_series(name, labels)} is {value:g}")
        family.samples.append(Sample(name, labels, value, number))


def _series(name: str, labels: Labels) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in labels)
    return (f"{name}{{{inner}}}" if labels else name)[:160]


def _name(text: str) -> tuple[str, str]:
    """Return the name at the start of a comment's rest, and what follows."""
    found = _QUOTED.match(text)
    if found:
        return _unescaped(found[1]), text[found.end() :]
    plain = _NAME.match(text)
    if plain is None or text[plain.end() : plain.end() + 1] not in {"", " ", "\t"}:
        raise _Broken(f"{text[:40]!r} starts with no name of a metric")
    return plain[0], text[plain.end() :]


def _head(text: str) -> tuple[str, Labels, str]:
    """Return name, labels and the rest of a sample's line."""
    found = _NAME.match(text)
    name, at = (found[0], found.end()) if found else ("", 0)
    if text[at : at + 1] not in {"", " ", "\t", "{"}:
        raise _Broken(f"{text[:40]!r} starts with no name of a metric")
    while text[at : at + 1] in {" ", "\t"}:
        at += 1
    labels: dict[str, str] = {}
    if text[at : at + 1] == "{":
        at += 1
        for key, value, behind in _labels(text, at):
            at = behind
            if value is None:
                if name:
                    raise _Broken("a second name in the braces")
                name = key
                continue
            if key in labels:
                raise _Broken(f"the label {key} stands there twice")
            if len(labels) >= _MOST_LABELS:
                raise _Broken(f"more than {_MOST_LABELS} labels")
            labels[key] = value
        while text[at : at + 1] in {" ", "\t", ","}:
            at += 1
        at += 1  # the brace
    if not name:
        raise _Broken(f"{text[:40]!r} starts with no name of a metric")
    return name, tuple(sorted(labels.items())), text[at:]


def _labels(text: str, at: int) -> Iterator[tuple[str, str | None, int]]:
    """Yield name, value (`None`: it is the metric's name) and where the next one starts."""
    comma = True
    while True:
        while text[at : at + 1] in {" ", "\t"}:
            at += 1
        if text[at : at + 1] == "}":
            return
        if not comma:
            raise _Broken("labels are not separated by commas")
        quoted = _QUOTED.match(text, at)
        plain = None if quoted else _LABEL.match(text, at)
        found = quoted or plain
        if found is None:
            raise _Broken(f"{text[at : at + 40]!r} is no label, or a brace is missing")
        key, at = (_unescaped(quoted[1]) if quoted else found[0]), found.end()
        while text[at : at + 1] in {" ", "\t"}:
            at += 1
        if text[at : at + 1] == "=":
            at += 1
            while text[at : at + 1] in {" ", "\t"}:
                at += 1
            value = _QUOTED.match(text, at)
            if value is None:
                raise _Broken(f"the label {key[:60]} has no value in quotes")
            at = value.end()
            written: str | None = _unescaped(value[1])
        elif quoted:
            written = None
        else:
            raise _Broken(f"the label {key[:60]} has no value")
        while text[at : at + 1] in {" ", "\t"}:
            at += 1
        comma = text[at : at + 1] == ","
        at += comma
        yield key, written, at


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    wrong = re.search(r"\\[^\\\"n]", re.sub(r"\\\\", "", text))
    if wrong:
        raise _Broken(f'{wrong[0]!r} is no escape: only \\\\, \\" and \\n are')
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def _number(word: str) -> float:
    if _NUMBER.fullmatch(word):
        return float(word)
    sign = -1.0 if word.startswith("-") else 1.0
    named = _NAMED_NUMBER.get(word.lstrip("+-").lower())
    if named is None or len(word) - len(word.lstrip("+-")) > 1:
        raise _Broken(f"{word[:40]!r} is no number")
    return sign * named


def _histogram_problems(family: MetricFamily) -> Iterator[tuple[int, str]]:
    buckets: dict[Labels, list[tuple[float, Sample]]] = {}
    counts: dict[Labels, float] = {}
    for sample in family.samples:
        if sample.name == f"{family.name}_count":
            counts[sample.labels] = sample.value
        if sample.name != f"{family.name}_bucket":
            continue
        rest = tuple(one for one in sample.labels if one[0] != "le")
        try:
            bound = _number(sample.label("le") or "")
        except _Broken:
            yield sample.line, f"a bucket of {family.name} without a number as le"
            continue
        buckets.setdefault(rest, []).append((bound, sample))
    for labels, found in buckets.items():
        found.sort(key=lambda one: one[0])
        last = found[-1]
        if not math.isinf(last[0]):
            yield last[1].line, f'{_series(family.name, labels)} has no bucket le="+Inf"'
            continue
        values = [sample.value for _, sample in found]
        if values != sorted(values):
            yield last[1].line, f"the buckets of {_series(family.name, labels)} do not grow"
        if labels in counts and counts[labels] != last[1].value:
            yield last[1].line, f"{_series(family.name, labels)}: _count is not its last bucket"
