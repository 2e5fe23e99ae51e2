"""Run inside the target as `python - REQUEST`: drives the project's own Alembic, answers JSON.

Standard library and the target's Alembic only; Python 3.8 and newer, Alembic 1.8 and newer.
REQUEST is a JSON object: `nonce`, `command` (`upgrade` or `current`), `config`, `revision`.
The answer is one line, `readiness-gate:NONCE {...}`; whatever the project prints goes to stderr.
"""

# One file without packages of its own, for every old interpreter:
# ruff: noqa: ARG001, ARG005, PTH109, PTH110, PTH119, SLF001
import json
import os
import sys
import traceback

TEXT_CAP = 4000


class SetupProblem(Exception):  # noqa: N818
    """The target cannot be asked: no Alembic, no configuration file."""


def main():
    """Do what was asked, print the one line, end with 0 where Alembic did."""
    asked = json.loads(sys.argv[1])
    nonce = asked.pop("nonce")
    # A migration may print, or start programs that do: only the answer goes to stdout.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer = {
        "heads": [],
        "before": [],
        "after": [],
        "applied": [],
        "pending": [],
        "tables": 0,
        "failed": "",
        "error": "",
        "kind": "",
    }
    try:
        work(asked, answer)
    except SetupProblem as problem:
        answer.update(kind="setup", error=str(problem))
    except BaseException as error:  # an env.py may raise SystemExit
        traceback.print_tb(error.__traceback__)
        answer["error"] = describe(error)
    answer["complete"] = True
    sys.stdout.flush()
    sys.stderr.flush()
    answers.write(f"\nreadiness-gate:{nonce} {json.dumps(answer)}\n")
    answers.flush()
    # Threads and exit handlers of the project have no say in the exit code.
    os._exit(1 if answer["error"] else 0)


def work(asked, answer):
    """Fill `answer`; an exception is the upgrade's own."""
    alembic = load_alembic()
    config = configuration(alembic, asked)
    script = alembic.script.ScriptDirectory.from_config(config)
    try:
        answer["heads"] = sorted(script.get_heads())
    except KeyError as error:
        raise RuntimeError(f"a revision names {error} as its parent, which is not there") from error
    if asked["command"] == "current":
        try:
            read_current(alembic, config, script, answer, asked["revision"])
        finally:
            answer["after"] = answer["before"]
        return
    try:
        upgrade(alembic, config, script, answer, asked["revision"])
    except BaseException:
        try:
            answer["after"] = current_heads(alembic, config, script)
        except BaseException as error:  # the first error is the one to tell
            sys.stderr.write(f"reading the revisions failed too: {describe(error)}\n")
        else:
            if answer["after"] == answer["before"]:
                answer["applied"] = []  # one transaction around all: rolled back together
        raise
    answer["after"] = current_heads(alembic, config, script)


def load_alembic():
    """Return the installed package, not a folder `alembic` of the project."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
    try:
        import alembic
        import alembic.command
        import alembic.config
        import alembic.runtime.environment
        import alembic.runtime.migration
        import alembic.script
    except ImportError as error:
        raise SetupProblem(f"Alembic cannot be imported in the target: {error}") from error
    sys.path.insert(0, os.getcwd())  # as `python -m alembic` has it
    return alembic


def configuration(alembic, asked):
    """Return the project's configuration with the options that a command line would give."""
    name = asked["config"]
    if not os.path.exists(name):
        raise SetupProblem(f"{name} is not in {os.getcwd()} of the target")
    arguments = ["-c", name, asked["command"]]
    if asked["command"] == "upgrade":
        arguments.append(asked["revision"])
    sys.argv[:] = ["alembic", *arguments]
    options = alembic.config.CommandLine(prog="alembic").parser.parse_args(arguments)
    reads_toml = hasattr(alembic.config.Config, "toml_file_name")
    if os.path.basename(name) == "pyproject.toml":
        if not reads_toml:
            raise SetupProblem(f"Alembic {alembic.__version__} does not read pyproject.toml")
        files = {"file_": "alembic.ini", "toml_file": name}
    else:
        files = {"file_": name}
        if reads_toml:
            files["toml_file"] = "pyproject.toml"
    return alembic.config.Config(ini_section=options.name, cmd_opts=options, **files)


def upgrade(alembic, config, script, answer, target):
    """Upgrade as `alembic upgrade` does, noting each revision as it begins and ends."""
    seen = []

    def steps(revisions, context):
        seen.append(True)
        answer["before"] = sorted(set(answer["before"]) | set(revisions))
        if not revisions:
            answer["tables"] = count_tables(context)
        for step in script._upgrade_revs(target, revisions):
            answer["failed"] = step.revision.revision
            yield step
            answer["applied"].append(step.revision.revision)
            answer["failed"] = ""

    run_environment(alembic, config, script, steps, destination_rev=target)
    if not seen:
        raise RuntimeError("env.py ended without running the migrations")
    if answer["failed"]:
        raise RuntimeError(f"env.py hid the error of revision {answer['failed']}")


def read_current(alembic, config, script, answer, target):
    """Read the database's revisions and what is pending; writes nothing."""
    problems = []

    def look(revisions, context):
        answer["before"] = sorted(set(answer["before"]) | set(revisions))
        if not revisions:
            answer["tables"] = count_tables(context)
        try:
            steps = script._upgrade_revs(target, revisions)
            answer["pending"] += [step.revision.revision for step in steps]
        except Exception as error:  # told after the environment has closed its connection
            problems.append(error)
        return []

    read_only(alembic, config, script, look)
    if problems:
        raise problems[0]


def current_heads(alembic, config, script):
    """Return the revisions that a new connection of the project's environment sees."""
    seen = set()

    def look(revisions, context):
        seen.update(revisions)
        return []

    read_only(alembic, config, script, look)
    return sorted(seen)


def read_only(alembic, config, script, look):
    """Run the environment with a function that asks for no step."""
    called = []

    def noted(revisions, context):
        called.append(True)
        return look(revisions, context)

    # Alembic before 1.9 creates its table even to read: reading must leave nothing behind.
    migration = alembic.runtime.migration.MigrationContext
    original = migration._ensure_version_table
    migration._ensure_version_table = lambda *arguments, **options: None
    try:
        run_environment(alembic, config, script, noted, dont_mutate=True)
    finally:
        migration._ensure_version_table = original
    if not called:
        raise RuntimeError("env.py ended without connecting to the database")


def run_environment(alembic, config, script, function, **options):
    """Run the project's env.py with `function` as what decides on the steps."""
    context = alembic.runtime.environment.EnvironmentContext
    with context(config, script, fn=function, **options):
        script.run_env()


def count_tables(context):
    """Return how many tables there are beside Alembic's own; 0 where it cannot be told."""
    try:
        from sqlalchemy import inspect

        names = inspect(context.connection).get_table_names()
        return len([name for name in names if name != context.version_table])
    except Exception:
        return 0


def describe(error):
    """Return the error as text, a statement without its parameters."""
    if isinstance(error, SystemExit):
        text = f"env.py ended the interpreter (exit {error.code})"
    elif getattr(error, "orig", None) is not None:
        cause, statement = error.orig, str(getattr(error, "statement", ""))
        text = f"{type(cause).__name__}: {str(cause).strip()}\n[SQL: {statement[:1000]}]"
    else:
        text = f"{type(error).__name__}: {error}"
    return text[:TEXT_CAP]


main()
