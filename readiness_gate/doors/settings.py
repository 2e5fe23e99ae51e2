"""The one reader of the environment: the action's inputs, GitHub's variables, the options.

Inputs reach a container action as `INPUT_<NAME>`, upper case, hyphens kept (GitHub: metadata
syntax, `inputs`). On the command line the same names are options; an option wins.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from readiness_gate.errors import ConfigurationError

MODES = ("run", "checks", "merge", "publish")
COMMENT_MODES = ("always", "changes", "failures", "never")
FAIL_ON = ("blocked", "waiting", "never")
HALVES = ("merge", "checks")
STAGES = ("pre-merge", "pre-deploy", "post-deploy", "scheduled")

INPUTS: Mapping[str, str] = {
    "mode": "run",
    "config": ".github/readiness.yml",
    "token": "",
    "pull-request": "",
    "stage": "pre-merge",
    "environment": "",
    "phase": "",
    "only": "",
    "comment": "always",
    "status-prefix": "readiness",
    "fail-on": "blocked",
    "report-dir": "readiness-report",
}
"""Every input with its default; `action.yml`, the README and the options are held equal to it."""

OUTPUTS = (
    "verdict",
    "passed",
    "failed",
    "errors",
    "pending",
    "waived",
    "skipped",
    "report",
    "comment-url",
)

SECRETS = (
    "GITHUB_TOKEN",
    "INPUT_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "DOCKER_AUTH_CONFIG",
)
"""Variables whose values no child sees and no text shows."""


@dataclass(frozen=True)
class Settings:
    """What the gate was told from outside."""

    mode: str
    config: str
    pull_request: int | None
    stage: str
    environment: str | None
    phase: str | None
    only: tuple[str, ...]
    comment: str
    status_prefix: str
    fail_on: str
    report_dir: str
    repository: str | None
    workspace: Path
    token: str = field(repr=False)
    in_actions: bool = False
    in_container: bool = False
    """Whether this is the action's own container, which has nothing of the project in it."""
    publish: bool = False
    keep: bool = False
    write_back: bool = False
    """Whether the boxes of the checkout's checklist are set as the items were found."""
    snapshot: Path | None = None
    half: str | None = None
    api_url: str = "https://api.github.com"
    graphql_url: str = "https://api.github.com/graphql"
    server_url: str = "https://github.com"
    event_name: str = ""
    event_path: Path | None = None
    sha: str = ""
    run_id: str = ""
    run_attempt: str = ""
    workflow: str = ""
    job: str = ""
    action: str = ""
    runner_name: str = ""
    output: Path | None = None
    step_summary: Path | None = None
    docker_host: str = ""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The whole environment, for `stack.environment` and the doors' allow-lists only."""

    @property
    def narrowed(self) -> bool:
        """Whether only part of the items was asked for; then nothing is written to GitHub."""
        return bool(self.only or self.phase)

    @property
    def may_write(self) -> bool:
        """Whether statuses and comments may be written at all (DESIGN 2.4)."""
        return (self.in_actions or self.publish) and not self.narrowed

    @property
    def run_url(self) -> str:
        """Return the page of the workflow run, empty outside Actions."""
        if not (self.run_id and self.repository):
            return ""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"


def from_environment(
    environment: Mapping[str, str],
    options: Mapping[str, str] | None = None,
    *,
    action: bool = False,
) -> Settings:
    """Return the settings out of an environment and the options that were given.

    Args:
        environment: as Actions or a shell sets it.
        options: option names without dashes (`pull-request`) to their texts.
        action: the container action: inputs count, and the token is the input `token`.

    Raises:
        ConfigurationError: a value is not one of those allowed.
    """
    given = dict(options or {})

    def value(name: str) -> str:
        default = INPUTS.get(name, "")
        if given.get(name):
            return given[name]
        if action:
            return environment.get(f"INPUT_{name.upper()}", "").strip() or default
        return default

    def variable(name: str) -> str:
        return environment.get(name, "").strip()

    server = variable("GITHUB_SERVER_URL") or "https://github.com"
    api = variable("GITHUB_API_URL") or "https://api.github.com"
    workspace = Path(given.get("workspace") or variable("GITHUB_WORKSPACE") or Path.cwd())
    return Settings(
        mode=_one_of("mode", value("mode"), MODES),
        config=_below(workspace, value("config")),
        pull_request=_number(value("pull-request")),
        stage=_one_of("stage", value("stage"), STAGES),
        environment=value("environment") or None,
        phase=value("phase") or None,
        only=tuple(part for part in value("only").replace(",", " ").split() if part),
        comment=_one_of("comment", value("comment"), COMMENT_MODES),
        status_prefix=_status_prefix(value("status-prefix")),
        fail_on=_one_of("fail-on", value("fail-on"), FAIL_ON),
        report_dir=_report_dir(value("report-dir")),
        repository=given.get("repository") or variable("GITHUB_REPOSITORY") or None,
        workspace=workspace,
        token=value("token") if action else variable("GITHUB_TOKEN"),
        in_actions=variable("GITHUB_ACTIONS") == "true",
        in_container=action,
        publish=given.get("publish") == "true",
        keep=given.get("keep") == "true",
        write_back=given.get("write-back") == "true",
        snapshot=Path(given["snapshot"]) if given.get("snapshot") else None,
        half=_one_of("half", given["half"], HALVES) if given.get("half") else None,
        api_url=api.rstrip("/"),
        graphql_url=variable("GITHUB_GRAPHQL_URL") or _graphql_url(api.rstrip("/")),
        server_url=server.rstrip("/"),
        event_name=variable("GITHUB_EVENT_NAME"),
        event_path=_path(variable("GITHUB_EVENT_PATH")),
        sha=variable("GITHUB_SHA"),
        run_id=variable("GITHUB_RUN_ID"),
        run_attempt=variable("GITHUB_RUN_ATTEMPT"),
        workflow=variable("GITHUB_WORKFLOW"),
        job=variable("GITHUB_JOB"),
        action=variable("GITHUB_ACTION"),
        runner_name=variable("RUNNER_NAME"),
        output=_path(variable("GITHUB_OUTPUT")),
        step_summary=_path(variable("GITHUB_STEP_SUMMARY")),
        docker_host=variable("DOCKER_HOST"),
        variables=dict(environment),
    )


def process_environment() -> Mapping[str, str]:
    """Return the environment of this process, and take the secrets out of it.

    Children never inherit it anyway (`doors/programs.py`); a library that reads the environment
    by itself must not find a token either (notes on security F2, S-05).
    """
    seen = dict(os.environ)
    for name in SECRETS:
        os.environ.pop(name, None)
    return seen


def refuse_plugins() -> None:
    """Keep pydantic from looking for plug-ins in every installed package: 30 ms, for none."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ConfigurationError(
            f"{name}: {value!r} is not one of {', '.join(allowed)}",
            advice=f"Set {name} to one of these words.",
        )
    return value


def _number(text: str) -> int | None:
    if not text:
        return None
    digits = text.removeprefix("#")
    if not digits.isascii() or not digits.isdigit() or int(digits) == 0:
        raise ConfigurationError(
            f"pull-request: {text!r} is not a number",
            advice="Give the pull request's number, for example 14.",
        )
    return int(digits)


def _status_prefix(text: str) -> str:
    if not text or len(text) > 60 or not text.isprintable():
        raise ConfigurationError("status-prefix: 1 to 60 printable characters are needed")
    return text


def _report_dir(text: str) -> str:
    path = Path(text)
    if path.is_absolute() or ".." in path.parts:
        raise ConfigurationError(
            f"report-dir: {text!r} leaves the workspace", advice="Give a relative path."
        )
    return text


def _below(workspace: Path, text: str) -> str:
    """Return a path of the checkout as every commit has it; what is elsewhere stays as it is."""
    path = Path(text)
    inside = path.is_absolute() and path.is_relative_to(workspace)
    return path.relative_to(workspace).as_posix() if inside else text


def _graphql_url(api: str) -> str:
    # GitHub Enterprise Server: REST below /api/v3, GraphQL at /api/graphql.
    return f"{api.removesuffix('/v3')}/graphql"


def _path(text: str) -> Path | None:
    return Path(text) if text else None
