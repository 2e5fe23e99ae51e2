"""The commands and their options; each command lives in a module of its own, loaded when called."""

import gc
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from readiness_gate import __version__
from readiness_gate.cli.boundary import exit_code_of
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import Settings, from_environment, process_environment

app = typer.Typer(
    name="readiness-gate",
    help="A production-readiness checklist that runs: order, stack, migrations, database, checks.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Config = Annotated[str, typer.Option("--config", help="Configuration file.", metavar="FILE")]
ReportDir = Annotated[
    str, typer.Option("--report-dir", help="Where the report goes.", metavar="FOLDER")
]
Repository = Annotated[str, typer.Option("--repository", help="owner/repo.", metavar="NAME")]
PullRequest = Annotated[str, typer.Option("--pull-request", help="Its number.", metavar="N")]
Snapshot = Annotated[
    str,
    typer.Option("--snapshot", help="Recorded GitHub facts instead of the API.", metavar="FILE"),
]
Only = Annotated[
    str, typer.Option("--only", help="These items alone; nothing is written.", metavar="IDS")
]
Stage = Annotated[
    str,
    typer.Option("--stage", help="pre-merge, pre-deploy, post-deploy, scheduled.", metavar="STAGE"),
]
Environment = Annotated[
    str, typer.Option("--environment", help="One of `environments`.", metavar="NAME")
]
Phase = Annotated[
    str, typer.Option("--phase", help="The phase to enforce; nothing is written.", metavar="PHASE")
]
Comment = Annotated[
    str, typer.Option("--comment", help="always, changes, failures or never.", metavar="MODE")
]
FailOn = Annotated[
    str, typer.Option("--fail-on", help="blocked, waiting or never.", metavar="VERDICT")
]
StatusPrefix = Annotated[
    str, typer.Option("--status-prefix", help="First word of the statuses.", metavar="TEXT")
]
Publish = Annotated[bool, typer.Option("--publish", help="Write to GitHub outside of Actions.")]
Keep = Annotated[bool, typer.Option("--keep", help="Leave the stack up.")]
WriteBack = Annotated[
    bool,
    typer.Option("--write-back", help="Tick what passed in the checklist, untick what failed."),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        help="text, json, markdown, junit, sarif, or FORMAT=PATH; repeatable.",
        metavar="FORMAT",
    ),
]
OneFormat = Annotated[str, typer.Option("--format", help="text or json.", metavar="FORMAT")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")]


def run() -> None:
    """Parse `sys.argv` and exit with the command's code."""
    try:
        code = app(standalone_mode=False)
    except typer.Exit as stop:
        code = stop.exit_code
    except typer.Abort:
        code = 130
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        code = getattr(error, "exit_code", 2)
    # The interpreter collects twice while it ends: a twentieth of a short command's time.
    gc.freeze()
    sys.exit(code or 0)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"readiness-gate {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Every command exits 0 ready, 1 blocked or waiting, 2 usage, 3 could not evaluate."""


def _finish(command: Callable[[], int], console: Console) -> None:
    # What was loaded so far stays, so the collector need not look at it. Checks and their options
    # are loaded from here on and stay too: by default it would look through them at every 700th
    # object, more than a hundred times before the first check runs.
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()
    raise typer.Exit(exit_code_of(command, console))


def _settings(**options: str | bool) -> Settings:
    texts: dict[str, str] = {}
    for name, value in options.items():
        if value:
            texts[name.replace("_", "-")] = "true" if value is True else str(value)
    return from_environment(process_environment(), texts)


def _console(no_color: bool, verbose: bool = False) -> Console:
    return Console(color=False if no_color else None, verbose=verbose)


@app.command("run", epilog="Example: readiness-gate run --snapshot github.json --only stack-health")
def run_command(
    config: Config = "",
    half: Annotated[
        str, typer.Option("--half", help="merge or checks; default both.", metavar="HALF")
    ] = "",
    report_dir: ReportDir = "",
    repository: Repository = "",
    pull_request: PullRequest = "",
    snapshot: Snapshot = "",
    only: Only = "",
    stage: Stage = "",
    environment: Environment = "",
    phase: Phase = "",
    comment: Comment = "",
    fail_on: FailOn = "",
    status_prefix: StatusPrefix = "",
    publish: Publish = False,
    keep: Keep = False,
    write_back: WriteBack = False,
    output_format: Formats = None,
    no_color: NoColor = False,
    verbose: Verbose = False,
) -> None:
    """Evaluate the checklist on this checkout and decide."""
    from readiness_gate.cli.run import command as perform  # noqa: PLC0415

    console = _console(no_color, verbose)

    def command() -> int:
        settings = _settings(
            config=config, half=half, report_dir=report_dir, repository=repository,
            pull_request=pull_request, snapshot=snapshot, only=only, stage=stage,
            environment=environment, phase=phase, comment=comment, fail_on=fail_on,
            status_prefix=status_prefix, publish=publish, keep=keep, write_back=write_back,
        )  # fmt: skip
        return perform(settings, console, formats=output_format or ["text"])

    _finish(command, console)


@app.command("merge", epilog="Example: readiness-gate merge --snapshot github.json --format json")
def merge_command(
    config: Config = "",
    repository: Repository = "",
    pull_request: PullRequest = "",
    snapshot: Snapshot = "",
    status_prefix: StatusPrefix = "",
    comment: Comment = "",
    fail_on: FailOn = "",
    report_dir: ReportDir = "",
    publish: Publish = False,
    output_format: OneFormat = "text",
    no_color: NoColor = False,
    verbose: Verbose = False,
) -> None:
    """Decide the merge half of open pull requests.

    From GitHub alone: of one, or of every open one.
    """
    from readiness_gate.cli.merge import command as perform  # noqa: PLC0415

    console = _console(no_color, verbose)

    def command() -> int:
        settings = _settings(
            mode="merge", config=config, repository=repository, pull_request=pull_request,
            snapshot=snapshot, status_prefix=status_prefix, comment=comment, fail_on=fail_on,
            report_dir=report_dir, publish=publish,
        )  # fmt: skip
        return perform(settings, console, output_format=output_format)

    _finish(command, console)


@app.command("publish", epilog="Example: readiness-gate publish --run 4711 --publish")
def publish_command(
    run_id: Annotated[
        int, typer.Option("--run", help="The workflow run; default: the event's.", metavar="ID")
    ] = 0,
    config: Config = "",
    repository: Repository = "",
    pull_request: PullRequest = "",
    status_prefix: StatusPrefix = "",
    comment: Comment = "",
    fail_on: FailOn = "",
    report_dir: ReportDir = "",
    publish: Publish = False,
    output_format: Formats = None,
    no_color: NoColor = False,
    verbose: Verbose = False,
) -> None:
    """Say on GitHub what an untrusted run of the checks reported."""
    from readiness_gate.cli.publish import command as perform  # noqa: PLC0415

    console = _console(no_color, verbose)

    def command() -> int:
        settings = _settings(
            mode="publish", config=config, repository=repository, pull_request=pull_request,
            status_prefix=status_prefix, comment=comment, fail_on=fail_on,
            report_dir=report_dir, publish=publish,
        )  # fmt: skip
        return perform(settings, console, run=run_id or None, formats=output_format or ["text"])

    _finish(command, console)


@app.command("plan", epilog="Example: readiness-gate plan --what-if-merged 14 --format mermaid")
def plan_command(
    config: Config = "",
    repository: Repository = "",
    snapshot: Snapshot = "",
    what_if_merged: Annotated[
        list[int] | None,
        typer.Option("--what-if-merged", help="A number; repeatable.", metavar="N"),
    ] = None,
    output_format: Annotated[
        str, typer.Option("--format", help="text, json or mermaid.", metavar="FORMAT")
    ] = "text",
    no_color: NoColor = False,
) -> None:
    """Show the merge order, what can merge next, cycles."""
    from readiness_gate.cli.plan import command as perform  # noqa: PLC0415

    console = _console(no_color)

    def command() -> int:
        settings = _settings(config=config, repository=repository, snapshot=snapshot)
        return perform(settings, console, merged=what_if_merged or [], output_format=output_format)

    _finish(command, console)


@app.command("explain", epilog="Example: readiness-gate explain orphaned-rows, or explain '#17'")
def explain_command(
    subject: Annotated[
        str, typer.Argument(help="Id of an item or a check, or #PR.", metavar="ID|#PR")
    ],
    config: Config = "",
    repository: Repository = "",
    snapshot: Snapshot = "",
    no_color: NoColor = False,
) -> None:
    """Say what an item checks, or what a pull request waits for."""
    from readiness_gate.cli.explain import command as perform  # noqa: PLC0415

    console = _console(no_color)

    def command() -> int:
        settings = _settings(config=config, repository=repository, snapshot=snapshot)
        return perform(settings, console, subject=subject)

    _finish(command, console)


@app.command("import", epilog="Example: readiness-gate import docs/PRODUCTION_READINESS.md")
def import_command(
    files: Annotated[
        list[str], typer.Argument(help="Markdown checklist; repeatable.", metavar="FILE")
    ],
    config: Config = "",
    output: Annotated[
        str,
        typer.Option("--output", help="Where the proposal goes; default printed.", metavar="FILE"),
    ] = "",
    update: Annotated[
        bool,
        typer.Option("--update", help="Add what is new to the configuration, change nothing."),
    ] = False,
    write_ids: Annotated[
        bool, typer.Option("--write-ids", help="Pin each line's id in the Markdown.")
    ] = False,
    pull_request: PullRequest = "",
    output_format: OneFormat = "text",
    no_color: NoColor = False,
) -> None:
    """Propose a configuration for a checklist in Markdown.

    Every line is bound to a check, or to people; nothing is evaluated.
    """
    from readiness_gate.cli.import_ import command as perform  # noqa: PLC0415

    console = _console(no_color)

    def command() -> int:
        return perform(
            _settings(config=config, pull_request=pull_request),
            console,
            files=files,
            output=output,
            merge=update,
            pin=write_ids,
            output_format=output_format,
        )

    _finish(command, console)


@app.command("init", epilog="Example: readiness-gate init")
def init_command(config: Config = "", no_color: NoColor = False) -> None:
    """Write a configuration to start from.

    For a repository without a checklist: what it holds decides what is asked.
    """
    from readiness_gate.cli.init import command as perform  # noqa: PLC0415

    console = _console(no_color)
    _finish(lambda: perform(_settings(config=config), console), console)


@app.command("validate", epilog="Example: readiness-gate validate --config .github/readiness.yml")
def validate_command(
    config: Config = "", output_format: OneFormat = "text", no_color: NoColor = False
) -> None:
    """Check the configuration and the files it names.

    Checklist, waivers and attestations too; no network, no Docker.
    """
    from readiness_gate.cli.validate import command as perform  # noqa: PLC0415

    console = _console(no_color)
    _finish(
        lambda: perform(_settings(config=config), console, output_format=output_format),
        console,
    )


@app.command("doctor", epilog="Example: readiness-gate doctor --ruleset > ruleset.json")
def doctor_command(
    config: Config = "",
    repository: Repository = "",
    snapshot: Snapshot = "",
    status_prefix: StatusPrefix = "",
    ruleset: Annotated[
        bool, typer.Option("--ruleset", help="Print the ruleset that requires both statuses.")
    ] = False,
    output_format: OneFormat = "text",
    no_color: NoColor = False,
) -> None:
    """Look for what lets a merge slip by: workflows, and rules.

    Reads .github/workflows; with a token also the rules of the default branch.
    """
    from readiness_gate.cli.doctor import command as perform  # noqa: PLC0415

    console = _console(no_color)

    def command() -> int:
        settings = _settings(
            config=config, repository=repository, snapshot=snapshot, status_prefix=status_prefix
        )
        return perform(settings, console, output_format=output_format, rules=ruleset)

    _finish(command, console)


@app.command("checks", epilog="Example: readiness-gate checks --format json")
def checks_command(output_format: OneFormat = "text", no_color: NoColor = False) -> None:
    """List the catalogue of checks."""
    from readiness_gate.cli.catalogue import command as perform  # noqa: PLC0415

    console = _console(no_color)
    _finish(lambda: perform(console, output_format=output_format), console)


@app.command("schema", epilog="Example: readiness-gate schema > readiness.schema.json")
def schema_command(
    report: Annotated[bool, typer.Option("--report", help="Of report.json.")] = False,
    waivers: Annotated[bool, typer.Option("--waivers", help="Of the waivers file.")] = False,
    attestations: Annotated[
        bool, typer.Option("--attestations", help="Of the attestations file.")
    ] = False,
) -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from readiness_gate.cli.schema import command as perform  # noqa: PLC0415

    console = _console(no_color=True)
    chosen = {"report": report, "waivers": waivers, "attestations": attestations}
    _finish(lambda: perform(console, [k for k, v in chosen.items() if v]), console)


database_app = typer.Typer(help="Work on the databases of the configuration.", no_args_is_help=True)
app.add_typer(database_app, name="database")


@database_app.callback(epilog="Example: readiness-gate database cleanup-plan --dry-run")
def database() -> None:
    """Work on the databases of the configuration."""


@database_app.command(
    "cleanup-plan", epilog="Example: readiness-gate database cleanup-plan --database main --dry-run"
)
def cleanup_plan_command(
    config: Config = "",
    name: Annotated[
        str, typer.Option("--database", help="Name under `databases`.", metavar="NAME")
    ] = "",
    url: Annotated[
        str,
        typer.Option(
            "--url", help="Where it is, instead of as configured; read only.", metavar="URL"
        ),
    ] = "",
    base: Annotated[
        str,
        typer.Option(
            "--base", help="Commit at which the stack's database is filled first.", metavar="SHA"
        ),
    ] = "",
    backup: Annotated[
        str,
        typer.Option("--backup", help="A restored backup, to take parents from.", metavar="URL"),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, write nothing.")
    ] = False,
    output_format: OneFormat = "text",
    no_color: NoColor = False,
) -> None:
    """Write the Alembic revision that sets orphaned rows right, and can be undone."""
    from readiness_gate.cli.cleanup_plan import command as perform  # noqa: PLC0415

    console = _console(no_color)

    def command() -> int:
        return perform(
            _settings(config=config),
            console,
            database=name,
            url=url,
            base=base,
            backup=backup,
            dry_run=dry_run,
            output_format=output_format,
        )

    _finish(command, console)


@app.command("snapshot", epilog="Example: readiness-gate snapshot --repository acme/shop -o g.json")
def snapshot_command(
    output: Annotated[str, typer.Option("-o", "--output", help="File to write.", metavar="FILE")],
    config: Config = "",
    repository: Repository = "",
    pull_request: PullRequest = "",
) -> None:
    """Record GitHub's facts, for --snapshot without a token."""
    from readiness_gate.cli.snapshot import command as perform  # noqa: PLC0415

    console = _console(no_color=False)

    def command() -> int:
        settings = _settings(config=config, repository=repository, pull_request=pull_request)
        return perform(settings, console, output=output)

    _finish(command, console)


@app.command("teardown", epilog="Example: readiness-gate teardown")
def teardown_command(
    config: Config = "",
    project: Annotated[
        str, typer.Option("--project", help="Default: derived from the run.", metavar="NAME")
    ] = "",
    no_color: NoColor = False,
) -> None:
    """Remove what an interrupted run left behind; safe to repeat."""
    from readiness_gate.cli.teardown import command as perform  # noqa: PLC0415

    console = _console(no_color)
    _finish(
        lambda: perform(_settings(config=config), console, project=project or None),
        console,
    )
