"""What a run leaves for people and machines: outputs, summary, files, the chosen formats."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from readiness_gate.checklist.write_back import wanted, write_back
from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.formats import require_format
from readiness_gate.cli.publication import Published
from readiness_gate.doors.git import GitUnavailable
from readiness_gate.doors.workspace import PathRefused
from readiness_gate.errors import ConfigurationError, GateError
from readiness_gate.model.report import Report
from readiness_gate.publish import outputs
from readiness_gate.publish.compose import standalone
from readiness_gate.report import files
from readiness_gate.report.json_report import to_json
from readiness_gate.report.summary import summary
from readiness_gate.report.text import to_text

FORMATS = ("text", "json", "markdown", "junit", "sarif")


def write_outputs(gate: Gate, published: Published) -> None:
    """Write the report folder; in Actions also outputs, summary and annotations."""
    _write(gate, published, _write_folder(gate, published))


def write_outputs_without_checkout(gate: Gate, published: Published) -> None:
    """Write the same where there may be no workspace at all."""
    there = gate.doors.workspace.root.is_dir()
    _write(gate, published, _write_folder(gate, published) if there else "")


def _write_folder(gate: Gate, published: Published) -> str:
    settings = gate.settings
    return files.write(
        gate.doors.workspace.root,
        settings.report_dir,
        published.report,
        comment=standalone(
            published.report,
            published.page,
            prefix=settings.status_prefix,
            run=settings.run_id,
            attempt=settings.run_attempt,
        ),
        logs=published.logs,
    )


def _write(gate: Gate, published: Published, path: str) -> None:
    settings = gate.settings
    page = summary(published.report, published.page, note=" · ".join(published.notes))
    url = published.comment.url if published.comment is not None else ""
    outputs.write_outputs(
        settings.output,
        outputs.step_outputs(published.report, report_path=path, comment_url=url),
    )
    outputs.write_summary(settings.step_summary, page)
    if settings.in_actions:
        changed = _changed(gate, published.report)
        for line in outputs.annotations(published.report.items, changed=changed):
            gate.console.out(line)
    for note in published.notes:
        gate.console.note(f"note: {note}")


def _changed(gate: Gate, report: Report) -> frozenset[str]:
    """Return the files of the pull request, as far as the checkout tells; it only sorts."""
    if report.base_sha is None or report.tested_sha is None:
        return frozenset()
    git = gate.doors.git
    with suppress(GitUnavailable, OSError):
        base = git.merge_base(report.base_sha, report.tested_sha)
        return frozenset(one.path for one in git.changed_lines(base, report.tested_sha))
    return frozenset()


def check_formats(formats: list[str]) -> None:
    """Refuse a format that does not exist, before anything runs.

    Raises:
        ConfigurationError: naming it.
    """
    for one in formats:
        require_format(one.partition("=")[0], FORMATS)


def write_formats(gate: Gate, report: Report, formats: list[str]) -> None:
    """Print the report, or write it to the path behind `FORMAT=PATH`, with the folders it needs.

    Raises:
        GateError: it cannot be written.
    """
    for one in formats:
        name, _, path = one.partition("=")
        text = _rendered(gate, report, name, to_file=bool(path))
        if path:
            try:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_text(text, "utf-8")
            except OSError as error:
                # What was evaluated stands: this is no matter of usage any more.
                raise GateError(
                    f"format: {path}: {error.strerror}", advice="Name a file that can be written."
                ) from error
        elif _is_read_by_the_runner(gate, name):
            gate.console.out(outputs.untrusted(text))
        else:
            gate.console.out(text)


def write_boxes(gate: Gate, paths: Iterable[str], report: Report) -> None:
    """Tick and untick the checkout's checklist as the items were found; say what changed.

    Raises:
        ConfigurationError: a file cannot be read or written; none is changed in part.
    """
    workspace, paths = gate.doors.workspace, tuple(paths)
    if not paths:
        raise ConfigurationError(
            "write-back: there is no checklist", advice="Name one with `checklist` to tick it."
        )
    try:
        sources = [(path, workspace.read(path)) for path in paths]
        changed = write_back(sources, wanted(report.items))
        for one in changed:
            workspace.path(one.path).write_bytes(one.data)
    except (OSError, PathRefused) as error:
        raise ConfigurationError(f"write-back: {error}") from error
    for one in changed:
        said = f"{len(one.ticked)} ticked, {len(one.unticked)} unticked"
        gate.console.note(f"{one.path}: {said}")
    if not changed:
        gate.console.note("write-back: every box stands as it was found")


def _is_read_by_the_runner(gate: Gate, name: str) -> bool:
    return gate.settings.in_actions and name == "text"


def _rendered(gate: Gate, report: Report, name: str, *, to_file: bool) -> str:
    from readiness_gate.report.junit import to_junit  # noqa: PLC0415 - only where asked for
    from readiness_gate.report.markdown import to_markdown  # noqa: PLC0415
    from readiness_gate.report.sarif import to_sarif  # noqa: PLC0415

    color = gate.console.color and not to_file
    writers: Mapping[str, Callable[[Report], str]] = {
        "text": lambda one: to_text(one, color=color, verbose=gate.console.verbose),
        "json": to_json,
        "markdown": to_markdown,
        "junit": to_junit,
        "sarif": to_sarif,
    }
    return writers[name](report)
