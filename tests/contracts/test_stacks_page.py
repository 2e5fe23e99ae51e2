"""The page on stacks names every exception that the policy offers, and shows what can be read."""

import json
import re

from readiness_gate.checks import CHECKS
from readiness_gate.config.load import load_config
from readiness_gate.doors import records, yaml
from tests.contracts.sources import ROOT
from tests.hostile.compose import SNIPPETS
from tests.stack.compose.test_policy import HOSTILE

PAGE = (ROOT / "docs/stacks.md").read_text("utf-8")


def test_every_exception_of_the_policy_stands_on_the_page() -> None:
    offered = {allow for _, _, allow in HOSTILE} | {one.allow for one in SNIPPETS if one.allow}
    rows = re.findall(r"^\| (`[^|]*) \|", PAGE, re.MULTILINE)
    assert offered - {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)} == set()


def test_the_configuration_that_is_shown_is_read() -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    stack, items = (load_config(text, name="docs/stacks.md", check_ids=CHECKS) for text in shown)
    assert stack.config.stack is not None
    for item in items.config.items.values():
        given = yaml.load(json.dumps(item.with_), name="with")
        assert records.read(given, CHECKS[item.check or ""].options) is not None
