"""Commands, options, exit codes and JSON shapes of DESIGN 1.4, driven from outside."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from readiness_gate.stack.owner import identity_of
from tests.contracts.outside import CONFIG, Command, site, write
from tests.e2e import repository
from tests.e2e.repository import git
from tests.github_double.git_import import import_git

ITEMS = "items:\n  readme: {check: file-exists, with: {path: README.md}}\n"
VALID = f"version: 1\n{ITEMS}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    write(made, {"README.md": "# Shop\n", CONFIG: VALID})
    return made


def test_a_laptop_without_github_runs_what_needs_none(command: Command, folder: Path) -> None:
    done = command(folder, "run", "--format", "json")
    assert done.exit_code == 0, done.said
    assert done.json == done.report
    assert (done.report["verdict"], done.report["conclusions"]) == (
        "ready", {"merge": None, "checks": "success"},
    )  # fmt: skip
    assert {one.name for one in (folder / "readiness-report").iterdir()} >= {
        "report.json", "comment.md",
    }  # fmt: skip


def test_the_report_is_what_its_schema_says(command: Command, folder: Path) -> None:
    write(folder, {CONFIG: f"{VALID}  gone: {{check: file-exists, with: {{path: GONE}}}}\n"})
    done = command(folder, "run", "--format", "json", "--format", "junit=gate.xml")
    assert done.exit_code == 1, done.said
    schema = command(folder, "schema", "--report").json
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(done.report, schema)
    assert set(done.report) >= {
        "schema-version", "verdict", "conclusions", "repository", "pull-request", "head-sha",
        "base-sha", "tested-sha", "config-digest", "started-at", "finished-at", "items", "merge",
        "targets", "claims", "timeline", "versions", "api",
    }  # fmt: skip
    assert set(done.item("gone")) >= {
        "id", "title", "category", "severity", "phase", "stage", "half", "check", "outcome",
        "class", "cause", "skipped-by", "blocking", "summary", "details", "remediation",
        "evidence", "duration-ms", "started-at",
    }  # fmt: skip
    assert set(done.report["merge"]) >= {"order", "edges", "cycles"}
    assert (folder / "gate.xml").read_text("utf-8").count("<failure") == 1


@pytest.mark.parametrize("option", [[], ["--waivers"], ["--attestations"], ["--report"]])
def test_every_schema_is_one(option: list[str], command: Command, folder: Path) -> None:
    done = command(folder, "schema", *option)
    assert done.exit_code == 0, done.said
    jsonschema.Draft202012Validator.check_schema(done.json)


def test_the_schema_of_the_configuration_knows_what_the_loader_knows(
    command: Command, folder: Path
) -> None:
    schema = command(folder, "schema").json
    valid: dict[str, Any] = {"check": "file-exists", "with": {"path": "README.md"}}
    jsonschema.validate({"version": 1, "items": {"a": valid}}, schema)
    wrong: list[dict[str, Any]] = [
        {"itmes": {}}, {"items": {"a": valid | {"with": {"pth": "x"}}}},
    ]  # fmt: skip
    for broken in wrong:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"version": 1, **broken}, schema)


def test_the_catalogue_as_json(command: Command, folder: Path) -> None:
    entries = command(folder, "checks", "--format", "json").json
    for entry in entries:
        assert set(entry) == {"id", "family", "class", "needs", "title", "options"}
        assert entry["class"] in {"read", "exercise", "measure", "disrupt"}
        jsonschema.Draft202012Validator.check_schema(entry["options"])
    assert len({entry["id"] for entry in entries}) == len(entries)


USAGE = {
    "an option that does not exist": (["run", "--nope"], "--nope"),
    "a command that does not exist": (["nope"], "nope"),
    "a format of run": (["run", "--format", "xml"], "'xml' is not one of"),
    "a format of checks": (["checks", "--format", "xml"], "'xml' is not one of text, json"),
    "a format of validate": (["validate", "--format", "xml"], "'xml' is not one of text, json"),
    "a format of plan": (["plan", "--format", "xml"], "'xml' is not one of text, json, mermaid"),
    "a format of merge": (["merge", "--format", "xml"], "'xml' is not one of text, json"),
    "a half": (["run", "--half", "other"], "half: 'other' is not one of merge, checks"),
    "a stage": (["run", "--stage", "later"], "stage: 'later' is not one of"),
    "a number": (["run", "--pull-request", "x"], "pull-request: 'x' is not a number"),
    "a comment mode": (["run", "--comment", "x"], "comment: 'x' is not one of"),
    "a fail-on": (["run", "--fail-on", "x"], "fail-on: 'x' is not one of"),
    "a folder outside": (["run", "--report-dir", "../x"], "leaves the workspace"),
    "a configuration outside": (["run", "--config", "/etc/passwd"], "not a path below"),
    "no configuration": (["run", "--config", "gone.yml"], "there is no gone.yml"),
    "an item that does not exist": (["run", "--only", "readmee"], "readme"),
    "a phase that does not exist": (["run", "--phase", "next"], "there is no phase 'next'"),
    "a snapshot that does not exist": (["run", "--snapshot", "x"], "snapshot"),
    "what cannot be explained": (["explain", "htp"], "did you mean 'http'?"),
    "two schemas": (["schema", "--report", "--waivers"], "one at a time"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_is_said_in_a_line_and_exits_2(
    name: str, command: Command, folder: Path
) -> None:
    arguments, message = USAGE[name]
    done = command(folder, *arguments)
    assert done.exit_code == 2, done.said
    assert message in done.stderr
    assert "Traceback" not in done.said
    assert not (folder / "readiness-report").exists()


WITHOUT_GITHUB = [["merge"], ["plan"], ["explain", "#14"], ["snapshot", "-o", "facts.json"]]


@pytest.mark.parametrize("arguments", WITHOUT_GITHUB, ids=lambda one: one[0])
def test_without_github_the_merge_commands_cannot_evaluate(
    arguments: list[str], command: Command, folder: Path
) -> None:
    done = command(folder, *arguments)
    assert done.exit_code == 3, done.said
    assert "GITHUB_TOKEN" in done.stderr


BROKEN = {
    "an unknown key": (
        "version: 1\nitmes: {}\n", ":2:1: unknown key 'itmes', did you mean 'items'",
    ),
    "a key twice": (f"{VALID}{ITEMS}", ":4:1:"),
    "an unknown check": (
        "version: 1\nitems: {a: htp}\n", ":2:12: items.a: unknown check 'htp', did you mean 'http'",
    ),
    "an alias": ("version: 1\nroles: {a: &x [b], c: *x}\n", ":2:23: aliases"),
    "a tag": ("version: !!int 1\n", ":1:10:"),
    "an integer key": ("version: 1\nitems: {1: http}\n", ":2:9:"),
    "a check that asserts nothing": ("version: 1\nitems: {a: file-exists}\n", ":2:12:"),
    "an option that is none": (
        "version: 1\nitems:\n  a: {check: file-exists, with: {pth: x}}\n",
        ":3:34: items.a.with: unknown key 'pth', did you mean 'path'",
    ),
    "another version": ("version: 2\n", ":1:10:"),
    "no version": ("items: {}\n", "version"),
    "a duration without a unit": (
        "version: 1\nitems:\n  a: {check: file-exists, with: {path: x}, timeout: 60}\n",
        ":3:53:",
    ),
    "not YAML": ("version: [\n", ":2:1:"),
    "a phase that is none": (
        "version: 1\nphases: [now, then]\nphase: later\n", ":3:8: phase: 'later'",
    ),
    "a number twice in the order": ("version: 1\nmerge: {order: [14, 14]}\n", "twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_in_the_configuration_has_line_and_column(
    name: str, command: Command, folder: Path
) -> None:
    text, message = BROKEN[name]
    write(folder, {CONFIG: text})
    for arguments in (["validate"], ["run"]):
        done = command(folder, *arguments)
        assert done.exit_code == 2, done.said
        assert message in done.stderr, done.said
        assert CONFIG in done.stderr


def test_waivers_and_attestations_of_nothing_are_refused(command: Command, folder: Path) -> None:
    waiver = "- {id: redme, reason: r, requested-by: a, approved-by: b, expires: 2099-01-01}\n"
    write(folder, {".github/readiness-waivers.yml": waiver})
    done = command(folder, "validate")
    assert done.exit_code == 2, done.said
    assert (
        "readiness-waivers.yml:1:8: no item is called 'redme', did you mean 'readme'" in done.stderr
    )


def test_a_waiver_needs_two_people_and_never_covers_what_could_not_be_checked(
    command: Command, folder: Path
) -> None:
    waiver = "- {id: %s, reason: r, requested-by: %s, approved-by: b, expires: 2099-01-01}\n"
    write(folder, {".github/readiness-waivers.yml": waiver % ("readme", "'@B'")})
    assert command(folder, "validate").exit_code == 2
    unreachable = "  page: {check: http, with: {url: 'http://127.0.0.1:1/', status: 200}}\n"
    write(folder, {CONFIG: VALID + unreachable,
                   ".github/readiness-waivers.yml": waiver % ("page", "a")})  # fmt: skip
    done = command(folder, "run")
    assert (done.exit_code, done.item("page")["outcome"]) == (3, "error")


def test_recorded_facts_answer_like_github(command: Command, tmp_path: Path) -> None:
    with site(command, tmp_path / "workspace", f"{VALID}merge: {{order: [14, 15]}}\n") as shop:
        for number in (14, 15):
            shop.home.pull_request(number=number)
        shop.home.pull_request(number=16, body="Depends on #15")
        recorded = shop.asked("snapshot", "-o", "facts.json", "--pull-request", "15")
        assert recorded.exit_code == 0, recorded.said
        live = shop.asked("merge", "--format", "json")
    facts = ("--snapshot", "facts.json")
    merge = command(shop.folder, "merge", *facts, "--format", "json")
    assert (live.exit_code, merge.exit_code) == (0, 0), merge.said
    told = merge.json
    assert set(told) >= {"pull-requests", "api"}
    assert set(told["api"]) == {"requests", "points"}
    answers = {one["number"]: one["conclusion"] for one in told["pull-requests"]}
    assert answers == {14: "success", 15: "pending", 16: "pending"}
    assert answers == {one["number"]: one["conclusion"] for one in live.json["pull-requests"]}
    (edge,) = told["pull-requests"][1]["edges"]
    assert edge == {"from": "acme/shop#15", "to": "acme/shop#14", "sources": ["order"],
                    "state": "open"}  # fmt: skip
    _plans(command, shop.folder)
    one = command(shop.folder, "merge", *facts, "--pull-request", "15", "--format", "json")
    assert (one.exit_code, one.json["pull-requests"][0]["conclusion"]) == (1, "pending")
    # Without a number the one that was recorded as at hand is meant.
    assert command(shop.folder, "run", *facts, "--half", "merge").report["pull-request"] == 15


def _plans(command: Command, folder: Path) -> None:
    def plan(*options: str) -> Any:
        done = command(folder, "plan", "--snapshot", "facts.json", *options)
        assert done.exit_code == 0, done.said
        return json.loads(done.stdout) if "json" in options else done.stdout

    now = plan("--format", "json")
    assert set(now) >= {"order", "next", "edges", "cycles", "findings"}
    assert now["order"] == [f"acme/shop#{number}" for number in (14, 15, 16)]
    assert now["next"] == ["acme/shop#14"]
    after = plan("--format", "json", "--what-if-merged", "14")
    assert after["next"] == ["acme/shop#15"]
    assert plan("--format", "mermaid").startswith("flowchart LR")
    explained = command(folder, "explain", "#15", "--snapshot", "facts.json")
    assert "#14 is open" in explained.stdout


def test_a_closed_pull_request_is_neither_ready_nor_blocked(
    command: Command, tmp_path: Path
) -> None:
    with site(command, tmp_path / "workspace", f"{VALID}merge: {{}}\n") as shop:
        shop.home.pull_request(number=14, closed=True)
        for arguments in (["run"], ["merge"], ["run", "--publish"]):
            done = shop.asked(*arguments, "--pull-request", "14")
            assert done.exit_code == 2, done.said
            assert "no open pull request" in done.stderr
        missing = shop.asked("merge", "--pull-request", "99")
        assert missing.exit_code == 3, missing.said
        assert shop.writes == []


def test_a_person_writes_nothing_unless_told_to_and_a_narrowed_run_never(
    command: Command, tmp_path: Path
) -> None:
    with site(command, tmp_path / "workspace", VALID) as shop:
        shop.home.pull_request(number=14)
        asked = ["run", "--pull-request", "14", "--comment", "never"]
        for arguments in ([], ["--publish", "--only", "readme"]):
            assert shop.asked(*asked, *arguments).exit_code == 0
            assert shop.writes == []
        # What is checked out here is not the pull request: a verdict over it would be made up.
        elsewhere = shop.asked(*asked, "--publish")
        assert (elsewhere.exit_code, shop.writes) == (2, []), elsewhere.said
        folder = shop.folder
        git(folder, "init", "-q", "-b", "feature")
        repository.commit(folder, "The change")
        other = shop.asked(*asked, "--publish")
        assert (other.exit_code, shop.writes) == (2, []), other.said
        import_git(shop.home, folder)
        pull = shop.home.pull_request(number=15, head="feature")
        asked[2] = "15"
        assert shop.asked(*asked, "--publish", "--status-prefix", "gate").exit_code == 0
        assert shop.states(pull.head_sha) == {"gate / checks": "success"}


def test_a_token_in_the_environment_reaches_neither_children_nor_what_is_written(
    command: Command, tmp_path: Path
) -> None:
    canaries = {
        "GITHUB_TOKEN": "ghs_writer",
        "ACTIONS_RUNTIME_TOKEN": "canary-runtime-0123456789",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary-identity-0123456789",
        "DOCKER_AUTH_CONFIG": '{"auths": {"r": {"auth": "canary-registry-0123"}}}',
        "SHOP_KEY": "canary-passed-on-0123",
    }
    told = "env; printf 'ghs_wri'; printf 'ter %s canary-identity-0123456789' ghs_writer; exit 1"
    config = (
        "version: 1\nitems:\n  leak:\n    check: command\n"
        f"    with: {{in: host, command: [sh, -c, \"{told}\"]}}\n"
    )  # fmt: skip
    with site(command, tmp_path / "workspace", config) as shop:
        done = shop.asked("run", "-v", "--format", "text", "--format", "json=all.json", **canaries)
    assert done.exit_code == 1, done.said
    written = [path.read_text("utf-8") for path in shop.folder.rglob("*") if path.is_file()
               and path.name != "readiness.yml"]  # fmt: skip
    shown = "\n".join([done.stdout, done.stderr, *written])
    output = done.item("leak")["evidence"][0]["output"]
    assert "PATH=" in output
    for canary in ("ghs_writer", "canary-runtime", "canary-registry", "canary-passed-on"):
        assert canary not in output
        assert canary not in shown


def test_files_are_named_as_people_name_them(command: Command, folder: Path) -> None:
    out = folder / "out" / "of" / "it"
    done = command(
        folder, "run", f"--config={folder / CONFIG}", f"--format=json={out / 'report.json'}"
    )
    assert done.exit_code == 0, done.said
    assert json.loads((out / "report.json").read_text("utf-8"))["verdict"] == "ready"
    # What was evaluated is no matter of usage any more.
    done = command(folder, "run", f"--format=json={out}")
    assert done.exit_code == 3, done.said
    assert "Is a directory" in done.stderr


STAYS = "import time; print('up', flush=True); time.sleep(90)"
PROCESS = f"""\
version: 1
stack:
  driver: process
  settle: 60s
  processes: {{api: {{command: [{sys.executable}, -c, "{STAYS}"], ready: {{log: up}}}}}}
items: {{}}
"""


def test_what_a_killed_run_left_of_processes_is_removed_where_there_is_no_engine(
    command: Command, folder: Path
) -> None:
    write(folder, {CONFIG: PROCESS})
    environment = {"TMPDIR": str(folder.parent), "DOCKER_HOST": "unix:///nonexistent/docker.sock"}
    assert command(folder, "teardown", environment=environment).exit_code == 0
    run = subprocess.Popen(
        [sys.executable, "-m", "readiness_gate", "run"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stderr is not None
    while not run.stderr.readline().startswith("✓ stack"):
        assert run.poll() is None
    (state,) = folder.parent.glob(f"readiness-gate-*/rg-local-{run.pid}-*/state.json")
    (process,) = json.loads(state.read_text("utf-8"))["processes"]
    pid = int(process["identity"]["pid"])
    assert identity_of(pid) is not None
    run.kill()
    run.communicate(timeout=30)
    done = command(folder, "teardown", environment=environment)
    assert done.exit_code == 0, done.said
    assert f"removed: {state.parent.name}" in done.stderr
    assert identity_of(pid) is None
    assert not state.exists()
    assert [one.name for one in folder.parent.glob("readiness-gate-*/*")] == []
