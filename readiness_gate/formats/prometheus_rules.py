"""Prometheus rule files: alerts with their lines, and what Prometheus would refuse.

After Prometheus's own checks of rule files, its expression language apart: of an expression only
brackets and quotes are checked. The operator's `PrometheusRule` objects hold the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness_gate.doors.project_yaml import PlacedDocument

DURATION = re.compile(
    r"0|(?=[0-9])([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?"
)
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_GROUP_KEYS = frozenset({"name", "interval", "query_offset", "limit", "labels", "rules"})
_GROUP_KEYS_OF_OPERATOR = frozenset({"partial_response_strategy"})
_RULE_KEYS = frozenset(
    {"alert", "record", "expr", "for", "keep_firing_for", "labels", "annotations"}
)
# A text that never ends is taken to the line's end, so that it is looked at once.
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*(\"?)|'(?:[^'\\\n]|\\.)*('?)|`[^`]*(`?)")
_COMMENT = re.compile(r"#[^\n]*")
_LABELS = re.compile(
    r"\{[^{}]*\}|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE
)
_CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Alert:
    """One alerting rule."""

    name: str
    expression: str
    labels: Mapping[str, Any]
    annotations: Mapping[str, Any]
    waits: bool
    """Whether it has `for`."""
    line: int


@dataclass(frozen=True)
class RuleFile:
    """The alerts of one document; recording rules are checked and counted only."""

    alerts: tuple[Alert, ...]
    records: int
    problems: tuple[tuple[int, str], ...]
    """Line and cause of what Prometheus would refuse."""


def rule_file(document: PlacedDocument) -> RuleFile:
    """Return the rules of a document."""
    reading = _Reading(document)
    reading.document_read()
    return RuleFile(tuple(reading.alerts), reading.records, tuple(reading.problems))


class _Reading:
    def __init__(self, document: PlacedDocument) -> None:
        self._document = document
        self.alerts: list[Alert] = []
        self.records = 0
        self.problems: list[tuple[int, str]] = []

    def document_read(self) -> None:
        top = self._document.data
        if isinstance(top, dict) and top.get("kind") == "PrometheusRule":
            top = top.get("spec")
        elif isinstance(top, dict):
            self._unknown(top, frozenset({"groups"}), "a rule file")
        if not isinstance(top, dict) or not isinstance(top.get("groups"), list):
            self.problems.append((self._document.line, "there is no list of groups"))
            return
        names: set[str] = set()
        for number, group in enumerate(top["groups"]):
            line = self._document.line_of(top["groups"], number)
            if not isinstance(group, dict) or not group.get("name"):
                self.problems.append((line, "a group has no name"))
                continue
            if str(group["name"]) in names:
                self.problems.append((line, f"group {group['name']} is here twice"))
            names.add(str(group["name"]))
            self._group(group, line)

    def _group(self, group: dict[str, Any], line: int) -> None:
        self._unknown(group, _GROUP_KEYS | _GROUP_KEYS_OF_OPERATOR, f"group {group['name']}")
        self._duration(group, "interval")
        rules = group.get("rules")
        if not isinstance(rules, list):
            self.problems.append((line, f"group {group['name']} has no list of rules"))
            return
        for number, rule in enumerate(rules):
            at = self._document.line_of(rules, number)
            if isinstance(rule, dict):
                self._rule(rule, at)
            else:
                self.problems.append((at, "a rule is no mapping"))

    def _rule(self, rule: dict[str, Any], line: int) -> None:
        alert, record = rule.get("alert"), rule.get("record")
        if bool(alert) == bool(record):
            self.problems.append((line, "a rule is either an alert or a record"))
            return
        name = str(alert or record)
        self._unknown(rule, _RULE_KEYS, name)
        for key in ("for", "keep_firing_for"):
            self._duration(rule, key)
        expression = str(rule.get("expr") or "")
        if not expression.strip():
            self.problems.append((line, f"{name} has no expr"))
        elif not is_balanced(expression):
            at = self._document.line_of(rule, "expr")
            self.problems.append((at, f"{name}: brackets or quotes of expr do not match"))
        for key in ("labels", "annotations"):
            self._names(rule, key, name)
        if record:
            self._record(rule, name, line)
            return
        maps = {
            key: rule[key] if isinstance(rule.get(key), dict) else {}
            for key in ("labels", "annotations")
        }
        self.alerts.append(
            Alert(name, expression, maps["labels"], maps["annotations"], "for" in rule, line)
        )

    def _record(self, rule: dict[str, Any], name: str, line: int) -> None:
        self.records += 1
        if not _METRIC.fullmatch(name):
            self.problems.append((line, f"{name[:80]!r} is no name of a metric"))
        for key in ("for", "keep_firing_for", "annotations"):
            if rule.get(key):
                self.problems.append((line, f"{name}: a record has no {key}"))

    def _names(self, rule: dict[str, Any], key: str, name: str) -> None:
        value = rule.get(key)
        if value is None:
            return
        line = self._document.line_of(rule, key)
        if not isinstance(value, dict):
            self.problems.append((line, f"{name}: {key} are no mapping"))
            return
        for one, text in value.items():
            at = self._document.line_of(value, one)
            if not _LABEL.fullmatch(one):
                self.problems.append((at, f"{name}: {one[:80]!r} is no name of a label"))
            if isinstance(text, dict | list):
                self.problems.append((at, f"{name}: {one[:80]} is no text"))
            elif str(text).count("{{") != str(text).count("}}"):
                self.problems.append((at, f"{name}: braces of {one[:80]} do not match"))

    def _duration(self, mapping: dict[str, Any], key: str) -> None:
        value = mapping.get(key)
        if value is not None and not DURATION.fullmatch(str(value)):
            line = self._document.line_of(mapping, key)
            self.problems.append((line, f"{key}: {str(value)[:40]!r} is no duration such as 5m"))

    def _unknown(self, mapping: dict[str, Any], known: frozenset[str], what: str) -> None:
        for key in mapping:
            if key not in known:
                line = self._document.line_of(mapping, key)
                self.problems.append((line, f"{what} has the unknown key {key[:80]}"))


def is_balanced(expression: str) -> bool:
    """Return whether brackets of an expression match outside its quoted texts."""
    bare = _COMMENT.sub("", _bare(expression))
    return not any(sign in bare for sign in "\"'`") and _closed(bare)


def _closed(text: str) -> bool:
    open_: list[str] = []
    for sign in text:
        if sign in "([{":
            open_.append(sign)
        elif sign in _CLOSING and (not open_ or open_.pop() != _CLOSING[sign]):
            return False
    return not open_


def _bare(expression: str) -> str:
    """Return an expression without its quoted texts; of one that never ends the quote stays."""
    return _QUOTED.sub(lambda found: "" if any(found.groups()) else found[0][0], expression)


def names_in(expression: str) -> Iterator[str]:
    """Yield metrics, functions and words of an expression, without labels and quoted texts."""
    yield from _METRIC.findall(_LABELS.sub(" ", _COMMENT.sub("", _bare(expression))))
