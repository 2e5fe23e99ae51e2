"""What is sent to the probe inside the target, and what its answer means; pure.

The probe's one line carries a marker that only this run knows, so that nothing a project prints
can be taken for it. No line, two lines, another marker, half a line: nothing is known.
"""

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

from readiness_gate.doors.programs import Completed
from readiness_gate.migrations.run import MigrationRun

Command = Literal["upgrade", "current"]
_LOG_CAP = 8_000
_PROBES: Mapping[Command, tuple[str, ...]] = {
    "current": ("alembic_probe.py",),
    "upgrade": ("connections.py", "guard.py", "alembic_probe.py"),
}
# A statement of `--sql` begins a line, and ends one; a string may hold a whole one.
_STRING = re.compile(r"'(?:[^']|'')*'")
_ON_ROWS = re.compile(
    r"^(?:INSERT|UPDATE|DELETE|MERGE|WITH|SELECT|COPY|CALL|DO)\b(?!.*\balembic_version\b)"
    r"(?:'(?:[^']|'')*'|[^';])*(?:;|\Z)",
    re.MULTILINE | re.IGNORECASE,
)


def request(
    command: Command, *, nonce: str, config: str = "alembic.ini", revision: str = "heads"
) -> tuple[tuple[str, ...], bytes]:
    """Return what follows the interpreter's name on the command line, and its standard input.

    `upgrade` goes to `revision`; `current` only reads. `nonce` is at least 16 characters that
    nobody can guess, new for each call.

    Raises:
        ValueError: the nonce could be guessed.
    """
    if len(nonce) < 16:
        raise ValueError("the nonce of a probe has at least 16 characters")
    asked = {"nonce": nonce, "command": command, "config": config, "revision": revision}
    text = b"\n".join(source(name) for name in _PROBES[command])
    return ("-", json.dumps(asked, sort_keys=True)), text


def source(name: str) -> bytes:
    """Return the text of a probe; probes are data, never imported."""
    return resources.files("readiness_gate").joinpath("probes", name).read_bytes()


def parse(completed: Completed, *, nonce: str, database: str) -> MigrationRun:
    """Return what the probe said about `database`.

    A time-out and an unusable answer are runs too, with `timed_out` or without `answered`.
    """
    log = completed.stderr[-_LOG_CAP:]
    if completed.timed_out:
        cause = f"the migrations did not end in {completed.seconds:.0f} s"
        return _unknown(database, cause, log, timed_out=True)
    try:
        answer = {"preview": "", "unseen": "", **answer_of(completed, nonce)}
        heads, before, after = (_ids(answer, key) for key in ("heads", "before", "after"))
        applied, pending = _ids(answer, "applied"), _ids(answer, "pending")
        error, failed = _text(answer, "error"), _text(answer, "failed")
        preview, unseen = _text(answer, "preview"), _text(answer, "unseen")
    except ValueError as problem:
        return _unknown(database, str(problem), completed.output[-_LOG_CAP:])
    if answer.get("kind") == "setup":
        return _unknown(database, error, log)
    if error and not before and answer.get("tables"):
        error = f"{answer['tables']} tables but no revision recorded (not stamped): {error}"
    return MigrationRun(
        database=database,
        heads=heads,
        before=before,
        after=after,
        applied=applied,
        error=error,
        failed_revision=failed or None,
        log=log,
        pending=pending,
        preview=without_values(preview),
        not_previewed=unseen.partition("\n")[0],
        tables=_number(answer, "tables") if not before else 0,
    )


def without_values(sql: str) -> str:
    """Return SQL whose statements on rows say no value: what is written may be a secret."""
    return _ON_ROWS.sub(lambda one: _STRING.sub("'…'", one[0]), sql)


def answer_of(completed: Completed, nonce: str) -> dict[str, Any]:
    """Return the one answer of a probe.

    Raises:
        ValueError: there is not exactly one whole line with the right marker.
    """
    marker = f"readiness-gate:{nonce} "
    # Not splitlines(): it also cuts at characters that JSON may carry.
    lines = [line for line in completed.stdout.split("\n") if line.startswith(marker)]
    if len(lines) != 1:
        ended = f"exit code {completed.exit_code}"
        word = "no answer" if not lines else f"{len(lines)} answers"
        raise ValueError(f"the probe gave {word} ({ended})")
    try:
        answer = json.loads(lines[0].removeprefix(marker))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError("the probe's answer is cut short") from error
    if not isinstance(answer, dict) or answer.get("complete") is not True:
        raise ValueError("the probe's answer is not complete")
    return answer


def _unknown(database: str, cause: str, log: str, *, timed_out: bool = False) -> MigrationRun:
    return MigrationRun(
        database=database,
        heads=(),
        before=(),
        after=(),
        applied=(),
        error=cause,
        timed_out=timed_out,
        log=log,
        answered=False,
    )


def _ids(answer: dict[str, Any], key: str) -> tuple[str, ...]:
    value = answer.get(key)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"the probe's answer has no list {key}")
    return tuple(value)


def _number(answer: dict[str, Any], key: str) -> int:
    value = answer.get(key)
    return value if isinstance(value, int) else 0


def _text(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str):
        raise ValueError(f"the probe's answer has no text {key}")
    return value
