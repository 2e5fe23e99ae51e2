"""The report as JUnit XML, for readers of test reports: one case per item."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from readiness_gate.model.item import ItemResult
from readiness_gate.model.outcome import Half, Outcome
from readiness_gate.model.report import Report
from readiness_gate.report.groups import of_half

_NOT_IN_XML = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report) -> str:
    """Return a redacted report as JUnit XML, a suite per half.

    `failed` is a failure and `error` an error. What waits has no word in JUnit: it is a failure
    of type `pending`, since a skipped case counts as fine. Waived and skipped ones are skipped.
    """
    root = ElementTree.Element("testsuites", name="readiness-gate")
    for half in Half:
        items = of_half(report, half)
        if items:
            root.append(_suite(half, items))
    ElementTree.indent(root)
    return f"{ElementTree.tostring(root, encoding='unicode', xml_declaration=True)}\n"


def _suite(half: Half, items: Sequence[ItemResult]) -> ElementTree.Element:
    suite = ElementTree.Element(
        "testsuite",
        name=half.value,
        tests=str(len(items)),
        failures=str(sum(_word(item) == "failure" for item in items)),
        errors=str(sum(_word(item) == "error" for item in items)),
        skipped=str(sum(_word(item) == "skipped" for item in items)),
        time=_seconds(sum(item.duration_ms for item in items)),
    )
    for item in items:
        suite.append(_case(item))
    return suite


def _case(item: ItemResult) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=_clean(item.category or item.check),
        name=_clean(f"{item.id}: {item.title}"),
        time=_seconds(item.duration_ms),
    )
    word = _word(item)
    if word:
        kind = item.error_class or item.skipped_by or item.outcome
        answer = ElementTree.SubElement(case, word, message=_clean(item.summary), type=kind.value)
        answer.text = _clean("\n".join(part for part in (item.details, item.remediation) if part))
    return case


def _word(item: ItemResult) -> str:
    if not item.blocking and item.outcome not in {Outcome.PASSED, Outcome.SKIPPED}:
        return "skipped"
    return {
        Outcome.PASSED: "",
        Outcome.FAILED: "failure",
        Outcome.PENDING: "failure",
        Outcome.ERROR: "error",
        Outcome.WAIVED: "skipped",
        Outcome.SKIPPED: "skipped",
    }[item.outcome]


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
