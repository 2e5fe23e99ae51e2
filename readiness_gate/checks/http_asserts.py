"""What an answer has to be: hurl's queries, goss's matchers, one line for what does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import JsonValue

from readiness_gate.checks.cookies import cookie_value
from readiness_gate.checks.filling import Fill, filled
from readiness_gate.checks.options.asserts import AnswerAsserts, CertificateAsserts
from readiness_gate.doors.web import BODY_CAP, Answer
from readiness_gate.expressions import compiled
from readiness_gate.matchers import ABSENT, compile_matcher
from readiness_gate.matchers.jsonpath import compile_path, read_json
from readiness_gate.matchers.threshold import Unit, threshold

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


_DAY = 86_400.0

_OF_BODY = frozenset({"body", "jsonpath", "regex"})


def in_words(count: int) -> str:
    """Return how many assertions hold."""
    return f"{count} assertion{'s hold' if count != 1 else ' holds'}"


@dataclass(frozen=True)
class Judged:
    """What does not hold, and what could not be judged."""

    problems: tuple[str, ...]
    unreadable: str = ""


def judged(asserts: AnswerAsserts, answer: Answer, fill: Fill, now: datetime) -> Judged:
    """Return a line for every assertion that does not hold, in the order of the options."""
    unread = ""
    if answer.truncated and _OF_BODY & asserts.model_fields_set:
        unread = f"the body is longer than {BODY_CAP} bytes, which are not read"
    problems = [*_of_head(asserts, answer, fill)]
    if not unread:
        problems += _of_body(asserts, answer, fill)
    if asserts.size:
        limit = threshold(asserts.size, Unit.SIZE)
        cause = limit.explain(len(answer.body))
        if answer.truncated and not (cause and limit.operator in {"<", "<="}):
            unread = f"the body is longer than {BODY_CAP} bytes, which are not counted"
        elif cause:
            problems.append(f"size: {cause}{' and more' if answer.truncated else ''}")
    if asserts.duration:
        cause = threshold(asserts.duration, Unit.DURATION).explain(answer.seconds)
        problems += [f"duration: {cause}"] if cause else []
    if "redirects" in asserts.model_fields_set:
        problems += _problem("redirects", asserts.redirects, len(answer.redirects), fill)
    if asserts.certificate is not None:
        problems += _of_certificate(asserts.certificate, answer, now)
    return Judged(tuple(problems), unread)


def _of_head(asserts: AnswerAsserts, answer: Answer, fill: Fill) -> Iterator[str]:
    if "status" in asserts.model_fields_set:
        yield from _problem("status", asserts.status, answer.status, fill)
    for name, raw in asserts.header.items():
        value = answer.header(name)
        shown = ABSENT if value is None else value
        yield from _problem(f"header {name}", _as_text(raw), shown, fill)
    for query, raw in asserts.cookie.items():
        yield from _problem(f"cookie {query}", raw, cookie_value(answer, query), fill)


def _of_body(asserts: AnswerAsserts, answer: Answer, fill: Fill) -> Iterator[str]:
    if "body" in asserts.model_fields_set:
        yield from _problem("body", asserts.body, answer.text, fill)
    if asserts.jsonpath:
        try:
            document = read_json(answer.body)
        except ValueError as error:
            yield f"the body is not JSON: {str(error)[:160]}"
        else:
            for path, raw in asserts.jsonpath.items():
                yield from _problem(path, raw, compile_path(path)(document), fill)
    for pattern, raw in asserts.regex.items():
        yield from _problem(f"regex {pattern}", raw, found_by(pattern, answer), fill)


def found_by(pattern: str, answer: Answer) -> object:
    """Return what an expression finds in the body: its group, else all of it, else `ABSENT`."""
    found = compiled(pattern).search(answer.text)
    if found is None:
        return ABSENT
    value = found.group(1) if found.re.groups else found.group()
    return ABSENT if value is None else value


def _of_certificate(asserts: CertificateAsserts, answer: Answer, now: datetime) -> Iterator[str]:
    if not answer.certificate:
        yield "certificate: there is no TLS"
        return
    from cryptography import x509  # noqa: PLC0415 - loads slowly, and few items need it

    try:
        shown = x509.load_der_x509_certificate(answer.certificate)
        names = {"subject": shown.subject.rfc4514_string(), "issuer": shown.issuer.rfc4514_string()}
    except ValueError as error:
        yield f"certificate: it cannot be read: {str(error)[:160]}"
        return
    for name, text in names.items():
        if name in asserts.model_fields_set:
            cause = compile_matcher(getattr(asserts, name)).explain(text)
            yield from [f"certificate {name}: {cause}"] if cause else []
    if asserts.valid_for is not None:
        yield from _of_validity(shown, asserts.valid_for, now)


def _of_validity(shown: "Certificate", valid_for: float, now: datetime) -> Iterator[str]:
    end = shown.not_valid_after_utc
    left = (end - now).total_seconds()
    if left < valid_for:
        yield f"certificate: it expires on {end:%Y-%m-%d}, in {left / _DAY:.1f} days"


def _problem(name: str, raw: JsonValue, actual: object, fill: Fill) -> list[str]:
    cause = cause_of_mismatch(raw, actual, fill)
    return [f"{name}: {cause}"] if cause else []


def cause_of_mismatch(raw: JsonValue, actual: object, fill: Fill) -> str:
    """Return why a value is not as expected, empty where it is.

    An expectation that asserts nothing once its values are in, such as an empty text, never holds.
    """
    try:
        return compile_matcher(filled(raw, fill)).explain(actual) or ""
    except ValueError as error:
        return f"with its values, the expectation cannot be meant: {error}"


def _as_text(raw: JsonValue) -> JsonValue:
    """Return a bare number as the text that a header carries."""
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return str(raw) if is_number else raw
