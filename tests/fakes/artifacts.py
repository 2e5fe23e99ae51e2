"""Runs a check over reports that lie in a workspace."""

from pathlib import Path
from typing import Any

from readiness_gate.checks.base import Check
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options

NO_TEXT = (
    b"",
    b"\x00\xff\xfe",
    b"<" * 10_000,
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"{}",
    b"null",
    b'{"runs": NaN}',
    b'<!DOCTYPE a [<!ENTITY a "aaaa">]><a>&a;</a>',
    b"<a>" * 5_000,
    b"not a report at all",
)
"""What no reader of reports may take for one."""


def write(tree: Path, **files: str | bytes) -> None:
    """Write files; `__` in a name stands for a slash, `_dot_` for a dot."""
    for name, content in files.items():
        path = tree / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def run(check: Check[Any], tree: Path, text: str, *, head: str | None = None) -> CheckResult:
    """Run without git."""
    return check.run(context(workspace=tree, head_sha=head), options(check, text))


def run_change(check: Check[Any], checkout: Checkout, text: str, *, base: str) -> CheckResult:
    """Run over a change since `base`."""
    known = context(workspace=checkout.root, git=checkout.git, base_sha=base)
    return check.run(known, options(check, text))


def is_unclear(result: CheckResult, words: str) -> None:
    """Assert that nothing could be told, for this reason."""
    assert result.outcome is Outcome.ERROR
    assert result.error_class in {ErrorClass.INCONCLUSIVE, ErrorClass.CONFIGURATION}
    assert words in result.summary


def never_passes(check: Check[Any], tree: Path, text: str, file: str) -> None:
    """Assert that hostile content of a report is never taken for an answer."""
    for content in NO_TEXT:
        (tree / file).write_bytes(content)
        is_unclear(run(check, tree, text), file)
    (tree / file).unlink()
    (tree / file).symlink_to("/etc/hostname")
    is_unclear(run(check, tree, text), "leads out")
    (tree / file).unlink()
    missing = run(check, tree, text)
    is_unclear(missing, f"at {file}")
    assert "actions/download-artifact" in (missing.remediation or "")
