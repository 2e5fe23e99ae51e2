"""Values of an environment, held against rules; they are never shown, only what is wrong."""

import re
from collections.abc import Iterator, Mapping

from readiness_gate.checks.options.variable import Variable
from readiness_gate.checks.project_files import Unclear
from readiness_gate.formats.environment_file import SetVariable, shannon_entropy
from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import cannot_tell

_PLACEHOLDER = re.compile(
    r"(?:change|replace|fill|set)[-_ ]?(?:me|this|it|in)\b.*|<.*>|\{\{.*\}\}|x{3,}|\*{3,}|\.{3}|"
    r"your[-_ ].*|(?:to-?do|tbd|fixme|placeholder|example|dummy|sample|default|none|null)|"
    r"(?:admin|root|password|passwd|secret|secret[-_]?key|qwerty|test|postgres|123456\d*)",
    re.IGNORECASE,
)
_SECRET_LENGTH = 16
_SECRET_ENTROPY = 3.0


def broken_rules(
    path: str,
    place: str,
    variables: Mapping[str, SetVariable],
    required: Mapping[str, Variable],
    example: Mapping[str, SetVariable],
) -> Iterator[LocationEvidence]:
    """Yield every required variable that is not set, or not as its rule says.

    Raises:
        Unclear: a value that a rule is about comes from another variable.
    """
    where = "" if path else " in the environment"
    for name, rule in required.items():
        variable = variables.get(name)
        if variable is None:
            yield LocationEvidence(path=path, text=f"{name} is not set{where}")
            continue
        wants_value = rule.min_length or rule.entropy or rule.not_ or rule.secret
        if not variable.literal and wants_value:
            text = f"{name} in {place} takes its value from another variable"
            advice = "Set a literal value, or drop the rule about it."
            raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text, remediation=advice))
        for problem in _broken(name, variable.value, rule, example):
            yield at(path, variable, problem)


def _broken(
    name: str, value: str, rule: Variable, example: Mapping[str, SetVariable]
) -> Iterator[str]:
    if not value:
        if not rule.empty:
            yield f"{name} is empty"
        return
    length = rule.min_length or (_SECRET_LENGTH if rule.secret else 0)
    entropy = rule.entropy or (_SECRET_ENTROPY if rule.secret else 0.0)
    if len(value) < length:
        yield f"{name} has {len(value)} characters, at least {length} are required"
    if shannon_entropy(value) < entropy:
        yield f"{name} has {shannon_entropy(value):.1f} bits a character, {entropy:g} are required"
    placeholders = {placeholder.casefold() for placeholder in rule.not_}
    if value.casefold() in placeholders or (rule.secret and _PLACEHOLDER.fullmatch(value[:200])):
        yield f"{name} is a placeholder"
    if rule.secret and name in example and example[name].value == value:
        yield f"{name} has the value of the example"


def differences(
    path: str,
    variables: Mapping[str, SetVariable],
    example_path: str,
    example: Mapping[str, SetVariable],
) -> Iterator[LocationEvidence]:
    """Yield the names that only one of a file and its example has.

    Raises:
        Unclear: neither sets a variable.
    """
    if not variables and not example:
        text = f"neither {path} nor {example_path} sets a variable"
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, text))
    for name in sorted(variables.keys() - example.keys()) if path else ():
        yield LocationEvidence(path=example_path, text=f"{name} of {path} is not named")
    for name in sorted(example.keys() - variables.keys()):
        yield LocationEvidence(path=path, text=f"{name} of {example_path} is not set")


def placeholders(
    path: str, place: str, names: Mapping[str, object], variables: Mapping[str, SetVariable]
) -> Iterator[LocationEvidence]:
    """Yield those of `names` whose values are placeholders, such as changeme or <password>.

    Raises:
        Unclear: there is no name to look at.
    """
    if not names:
        raise Unclear(cannot_tell(ErrorClass.INCONCLUSIVE, f"{place} sets no variable"))
    for name in names:
        found = variables.get(name)
        if found is not None and _PLACEHOLDER.fullmatch(found.value[:200]):
            yield at(path, found, f"{name} is a placeholder")


def at(path: str, variable: SetVariable, text: str) -> LocationEvidence:
    """Return the place where a variable is set."""
    return LocationEvidence(path=path, line=variable.line or None, text=text)
