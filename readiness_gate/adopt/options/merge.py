"""Options of checks that ask GitHub."""

import re

from readiness_gate.adopt.options.wanted import Filled, Wanted

_NUMBERS = re.compile(
    r"(?:#\s?|\b(?:pr|pull request|mr|пр)s?\s?#?)(\d{1,9})"
    r"((?:\s?(?:,|/|&|-|\N{EN DASH}|\band\b|\bto\b|\bи\b){1,2}\s?#?\d{1,9}\b){0,40})(?![-/]?\d)",
    re.IGNORECASE,
)
_JOB = re.compile(r"^  ([\w-]+):\s*$", re.MULTILINE)
_NAMED = re.compile(r"^    name:\s*([^\n#]+)", re.MULTILINE)
_STOP = frozenset({"build", "check", "checks", "tests", "test", "ci", "all", "production"})
_AGES = {"hour": "1h", "daily": "26h", "nightly": "26h", "weekly": "8d", "monthly": "32d"}


def pull_request_merged(wanted: Wanted) -> Filled:
    """Return the number that the text names; several are for somebody to bind one by one."""
    found = [one for match in _NUMBERS.finditer(wanted.item.text) for one in _each(match)]
    numbers = list(dict.fromkeys([*found, *wanted.item.pull_requests]))
    if not numbers:
        return Filled({"number": 1}, "name the number of the pull request")
    if len(numbers) == 1:
        return Filled({"number": numbers[0]})
    named = ", ".join(f"#{one}" for one in numbers)
    todo = f"it names {named}: bind `checks` with a pull-request-merged for each of them"
    return Filled({"number": numbers[0]}, todo)


def _each(match: re.Match[str]) -> list[int]:
    return [int(match[1]), *map(int, re.findall(r"\d+", match[2]))]


def rollup(wanted: Wanted) -> Filled:
    """Return the headings that begin as the line does, `Security: Ready` for its items."""
    label = re.split(r"[:✅]|\s(?:checks|ready|is)\b", wanted.small)[0].strip(" -.*")
    if label in {"all", "all items", ""}:
        return Filled({})
    own = {one.casefold() for one in wanted.item.section}
    words = _words(label)
    near = {one: _words(one) for one in wanted.headings if one.casefold() not in own}
    found = [one for one, told in near.items() if told == words]
    found = found or [one for one, told in near.items() if told[: len(words)] == words]
    if not words or len(found) != 1:
        return Filled({}, f"say under `of` what {label!r} sums up")
    return Filled({"of": found})


def _words(heading: str) -> list[str]:
    """Return the words of a heading, whatever their number; `Post-Deployment` is `post-deploy`."""
    text = re.sub(r"\b(post|pre)-?deploy\w*", r"\1deploy", heading.casefold())
    return [one.rstrip("s") for one in re.findall(r"\w+", text)]


def status_checks(wanted: Wanted) -> Filled:
    """Return the jobs that the text names; else everything that is reported has to be green."""
    words = set(re.findall(r"[a-z]{3,}", wanted.small)) - _STOP
    jobs: dict[str, None] = {}
    for _, text in wanted.facts.workflows:
        _, _, below = text.partition("\njobs:")
        for name in _JOB.findall(below):
            if words & set(re.findall(r"[a-z]{3,}", name.casefold())):
                jobs[name] = None
    return Filled({"checks": list(jobs)} if jobs else {"every": True})


def review_approval(wanted: Wanted) -> Filled:
    """Return how many approvals; one where the text says nothing."""
    found = re.search(r"\b(\d|two|three)\b", wanted.small)
    words = {"two": 2, "three": 3}
    many = words.get(found[1]) or int(found[1]) if found else 1
    return Filled({"approvals": max(1, many)})


def branch_protection(_wanted: Wanted) -> Filled:
    """Return the gate's own statuses, required."""
    return Filled({"contexts": ["readiness / merge", "readiness / checks"]})


def deployment_status(wanted: Wanted) -> Filled:
    """Return the environment that the text names."""
    for name in ("staging", "canary", "test", "production"):
        if name in wanted.small:
            return Filled({"environment": name})
    return Filled({"environment": "production"})


def code_alerts(wanted: Wanted) -> Filled:
    """Return the kinds of alerts that the text names, else all."""
    named = {"dependabot": "dependabot", "depend": "dependabot", "secret": "secret-scanning",
             "code scan": "code-scanning", "code-scan": "code-scanning"}  # fmt: skip
    kinds = {kind for word, kind in named.items() if word in wanted.small}
    return Filled({"kinds": sorted(kinds) or ["code-scanning", "dependabot", "secret-scanning"]})


def workflow_recency(wanted: Wanted) -> Filled:
    """Return a scheduled workflow that shares a word with the text, and the age by its cadence."""
    age = next((age for word, age in _AGES.items() if word in wanted.small), "")
    age = age or ("100d" if "quarter" in wanted.small else _AGES.get(wanted.item.cadence or "", ""))
    words = set(re.findall(r"[a-z]{4,}", wanted.small))
    for path, text in wanted.facts.workflows:
        name = path.rpartition("/")[2]
        if "schedule:" in text and words & set(re.findall(r"[a-z]{4,}", name.casefold())):
            return Filled({"workflow": name, "max-age": age or "32d"})
    example = {"workflow": "drill.yml", "max-age": age or "32d"}
    return Filled(example, "name the scheduled workflow that does it")


def artifact_exists(wanted: Wanted) -> Filled:
    """Return an artifact; which one, nobody but the team knows."""
    name = next((one for one in ("apk", "aab", "ipa") if one in wanted.small), "release")
    return Filled({"artifact": name}, "name the artifact and the workflow that uploads it")
