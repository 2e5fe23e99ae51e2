"""Run inside the target as `python - REQUEST`: drives the project's own Alembic, answers JSON.

Standard library and the target's Alembic only; Python 3.8 and newer, Alembic 1.8 and newer.
REQUEST is a JSON object: `nonce`, `command`, `config`, `revision`. `current` reads; `upgrade`, with
the guard in front of this text, upgrades and lets Alembic write the SQL of it down; with the state
in front too, and with `scratch` (the real name of a database → that of its copy), `walk` goes the
history step by step, `drift` compares the upgraded copy with the models, `create` makes an empty
copy out of the models alone.
The answer is one line, `readiness-gate:NONCE {...}`; whatever the project prints goes to stderr.
"""

# One file without packages of its own, for every old interpreter:
# ruff: noqa: ARG001, ARG005, PTH109, PTH110, PTH119, SLF001
import contextlib
import json
import os
import sys
import traceback

TEXT_CAP = 4000
PREVIEW_CAP = 60_000


class SetupProblem(Exception):  # noqa: N818
    """The target cannot be asked: no Alembic, no configuration file."""


def main():
    """Do what was asked, print the one line, end with 0 where Alembic did."""
    asked = json.loads(sys.argv[1])
    nonce = asked.pop("nonce")
    # A migration may print, or start programs that do: only the answer goes to stdout.
    answers = os.fdopen(os.dup(1), "w")
    asked["answers"] = answers.fileno()
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
        "preview": "",
        "unseen": "",
    }
    try:
        work(asked, answer)
    except SetupProblem as problem:
        answer.update(kind="setup", error=str(problem))
    except BaseException as error:  # an env.py may raise SystemExit
        traceback.print_tb(error.__traceback__)
        answer["error"] = describe(error)
        if type(error).__name__ == "Refused":
            answer.update(kind="setup", error=str(error))
    # A refusal that the project hid is none the less one.
    refused = globals().get("REFUSED")
    if refused:
        answer.update(kind="setup", error=refused[0])
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
    OPENINGS.begin()  # in front of what refuses
    if asked.get("scratch"):
        redirect(asked["scratch"])  # noqa: F821 - of the text in front
        guard()  # noqa: F821
    script = alembic.script.ScriptDirectory.from_config(config)
    if asked["command"] == "create":
        # Before any revision is loaded: its module may add to the models that it names.
        create(alembic, config, script, answer, asked)
        return
    answer["heads"] = heads_of(script)
    if not answer["heads"]:
        # An env.py may choose the folder of its dialect: a script directory that has read nothing.
        script = alembic.script.ScriptDirectory.from_config(config)
        with contextlib.suppress(Exception):
            read_only(alembic, config, script, lambda revisions, context: [])
        answer["heads"] = heads_of(script)
    if asked["command"] in STEPWISE:
        STEPWISE[asked["command"]](alembic, config, script, answer, asked)
        return
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
    if answer["applied"]:
        preview(alembic, config, script, answer, asked)


class Kept:
    """A file that keeps its first characters, and knows how many there were."""

    def __init__(self):
        """Keep nothing yet."""
        self.text, self.left_out = "", 0

    def write(self, text):
        """Keep what there is room for."""
        room = PREVIEW_CAP - len(self.text)
        self.text += text[:room]
        self.left_out += max(0, len(text) - room)

    def flush(self):
        """Do nothing: there is nothing behind it."""


def preview(alembic, config, script, answer, asked):
    """Write down what `alembic upgrade --sql` says of these steps, or why it says nothing.

    The code of the revisions runs again: nothing that it opens or starts is let through. Comes
    last, because nothing is let through afterwards either.
    """
    target = asked["revision"]
    kept, before = Kept(), config.output_buffer
    config.output_buffer = kept
    try:
        close(asked["answers"])  # noqa: F821 - of the text in front
        run_environment(
            alembic,
            config,
            script,
            lambda revisions, context: script._upgrade_revs(target, revisions),
            as_sql=True,
            starting_rev=list(answer["before"]) or None,
            destination_rev=target,
        )
    except BaseException as error:  # told; the upgrade itself has ended already
        answer["unseen"] = describe(error)[:500]
    finally:
        config.output_buffer = before
        if REFUSED:  # noqa: F821
            # The upgrade has its own answer; this is only why there is nothing to show.
            answer["unseen"] = REFUSED[0][:500]  # noqa: F821
            del REFUSED[:]  # noqa: F821
    if answer["unseen"]:
        return
    answer["preview"] = kept.text
    if kept.left_out:
        answer["preview"] += f"\n-- and {kept.left_out} characters more"


def heads_of(script):
    """Return the heads of the script directory, in order."""
    try:
        return sorted(script.get_heads())
    except KeyError as error:
        raise RuntimeError(f"a revision names {error} as its parent, which is not there") from error


def load_alembic():
    """Return the installed package, not a folder `alembic` of the project."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
    try:
        import alembic
        import alembic.autogenerate
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
    # What a project reads of its command line is that of an upgrade.
    command = "current" if asked["command"] == "current" else "upgrade"
    arguments = ["-c", name, command]
    if command == "upgrade":
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
    seen, hidden = [], []

    def steps(revisions, context):
        seen.append(True)
        if answer["failed"]:  # of another database, before this one
            hidden.append(answer["failed"])
            raise RuntimeError(f"env.py hid the error of revision {hidden[0]}")
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
    if answer["failed"] or hidden:
        answer["failed"] = answer["failed"] or hidden[0]
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
    """Return the revisions that new connections of the project's environment see.

    An environment may go through several databases: each has to be where the others are.
    """
    seen = []

    def look(revisions, context):
        seen.append(sorted(revisions))
        return []

    read_only(alembic, config, script, look)
    found = sorted({one for each in seen for one in each})
    apart = next((each for each in seen if each != found), None)
    if apart is not None:
        other = max(seen, key=len)
        if other == apart:
            other = next(each for each in seen if each != apart)
        raise RuntimeError(
            "of the databases that env.py goes through one is at "
            f"{', '.join(apart) or 'no revision'}, one at {', '.join(other) or 'no revision'}"
        )
    return found


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

    def steps(revisions, context):
        OPENINGS.in_steps = True
        try:
            yield from function(revisions, context)
        finally:
            OPENINGS.in_steps = False

    OPENINGS.begin()
    context = alembic.runtime.environment.EnvironmentContext
    with context(config, script, fn=steps, **options):
        script.run_env()
    closed = OPENINGS.closed()
    if closed:
        raise RuntimeError(f"env.py hid that it could not open the database {closed[0]}")


class Openings:
    """Which databases env.py tries to open by SQLAlchemy, and which it opens.

    One that is opened at a second try counts as opened. What a revision does without is its own
    matter, and what a server has for its administrators is not migrated.
    """

    SERVER_S_OWN = ("postgres", "template1", "mysql", "information_schema")

    def __init__(self):
        """Know of none."""
        self.heard, self.in_steps = False, False
        self.records, self.tried, self.opened = {}, [], set()

    def begin(self):
        """Forget the last run, and listen."""
        self.records, self.tried, self.opened = {}, [], set()
        if self.heard:
            return
        self.heard = True
        from sqlalchemy import event
        from sqlalchemy.engine import Engine
        from sqlalchemy.engine.default import DefaultDialect
        from sqlalchemy.pool import Pool

        event.listen(Engine, "do_connect", self.trying)
        event.listen(Pool, "connect", self.open)
        DefaultDialect._has_events = True  # an own `False` of it would hide ours

    def trying(self, dialect, record, arguments, parameters):
        """Note the name of a database that is going to be opened."""
        names = (parameters.get(key) for key in ("dbname", "database", "db"))
        name = next((one for one in names if one), None)
        if name is None and dialect.name == "sqlite" and arguments:
            name = arguments[0]
        if name is None or record is None or self.in_steps:
            return
        self.records[id(record)] = str(name)
        self.tried.append(str(name))

    def open(self, _, record):
        """Note that it is open."""
        self.opened.add(self.records.pop(id(record), None))

    def closed(self):
        """Return the names of those that were not opened."""
        names = [name for name in self.tried if name not in self.opened]
        return [os.path.basename(name) for name in names if name not in self.SERVER_S_OWN]


OPENINGS = Openings()


def count_tables(context):
    """Return how many tables there are beside Alembic's own; 0 where it cannot be told."""
    try:
        from sqlalchemy import inspect

        names = inspect(context.connection).get_table_names()
        return len([name for name in names if name != context.version_table])
    except Exception:
        return 0


def walk(alembic, config, script, answer, asked):
    """Go up from where the copy is, each wanted revision alone; down and up again where asked."""
    listen()  # noqa: F821 - of the text in front
    start = {}

    def look(revisions, context):
        answer["before"] = sorted(set(answer["before"]) | set(revisions))
        steps = list(script._upgrade_revs("heads", revisions))
        if len(steps) >= len(start.get("steps", ())):  # of several databases the one furthest back
            start["steps"] = steps
        version = getattr(context.connection.dialect, "server_version_info", None)
        answer["version"] = [one for one in version or () if isinstance(one, int)]
        return []

    read_only(alembic, config, script, look)
    order = [step.revision for step in start["steps"]]
    wanted = (
        set(asked["wanted"]) if asked["wanted"] is not None else {one.revision for one in order}
    )
    go = Walk(alembic, config, script, asked, answer)
    first = next((n for n, one in enumerate(order) if one.revision in wanted), len(order))
    go.plain(order[:first])
    answer["walk"] = []
    if first == len(order):
        return
    go.look()
    answer["rows"] = {name: one["rows"] for name, one in (go.rows or {}).items()}
    answer["start"] = sorted(key[6:] for key in go.schema if key.startswith("table "))
    answer["indexes"] = indexes_of(go.schema)  # noqa: F821
    for revision in order[first:]:
        if revision.revision in wanted:
            answer["walk"].append(go.one(revision))
        else:
            go.plain([revision])
            go.look()
        if go.stopped:
            answer["stopped"] = revision.revision
            return


class Walk:
    """Steps over one copy, with the state that it was last seen in."""

    def __init__(self, alembic, config, script, asked, answer):
        """Keep what every step needs."""
        self.alembic, self.config, self.script = alembic, config, script
        self.asked, self.answer = asked, answer
        self.schema, self.rows, self.stopped = {}, None, False
        self.states = {}

    def plain(self, revisions):
        """Upgrade without a look."""
        self.run([(one, True) for one in revisions], look=False)

    def run(self, steps, look=True, noted=""):
        """Do steps in one run of the environment, and look at the end."""
        make = self.alembic.runtime.migration.MigrationStep
        begun, done = [], []

        def go(revisions, context):
            begun.append(True)
            graph = self.script.revision_map
            for revision, up in steps:
                made = make.upgrade_from_script if up else make.downgrade_from_script
                self.answer["failed"] = revision.revision
                CONNECTIONS.revision = noted  # noqa: F821
                yield made(graph, revision)
                CONNECTIONS.revision = ""  # noqa: F821
            if look:
                self.read(context)
            done.append(True)

        CONNECTIONS.owner = noted  # noqa: F821
        options = {"destination_rev": steps[-1][0].revision} if steps else {}
        try:
            if steps:
                run_environment(self.alembic, self.config, self.script, go, **options)
            else:
                read_only(self.alembic, self.config, self.script, go)
        finally:
            CONNECTIONS.owner = CONNECTIONS.revision = ""  # noqa: F821
        if not done or len(done) != len(begun):
            hidden = f"hid the error of revision {self.answer['failed']}"
            raise RuntimeError(f"env.py {hidden if self.answer['failed'] else 'hid an error'}")
        self.answer["failed"] = ""

    def look(self):
        """Read the state without a step."""
        self.run([])

    def read(self, context):
        """Read the state on the connection of the environment, and end what that began."""
        connection = context.connection
        name = os.path.basename(str(connection.engine.url.database))
        inside = getattr(connection, "in_transaction", lambda: True)()
        schema, rows = read_schema(connection, context.version_table), None  # noqa: F821
        if self.asked["rows"]:
            before = self.states.get(name, ({}, None))[1]
            rows = read_rows(  # noqa: F821
                connection, context.version_table, before, self.asked["down"]
            )
        self.states[name] = (schema, rows)
        self.join()
        if not inside and hasattr(connection, "rollback"):
            connection.rollback()

    def join(self):
        """Join what was seen: an environment may go through several databases, one by one."""
        self.schema, self.rows = {}, {} if self.asked["rows"] else None
        for place, (name, (schema, rows)) in enumerate(self.states.items()):
            front = f"{name}." if place else ""
            for key, text in schema.items():
                kind, _, object_name = key.partition(" ")
                self.schema[f"{kind} {front}{object_name}"] = text
            for table, one in (rows or {}).items():
                self.rows[front + table] = one

    def one(self, revision):
        """Do one revision, and tell what it did."""
        name, schema, rows = revision.revision, self.schema, self.rows
        self.run([(revision, True)], noted=name)
        statements, locks = taken(name)  # noqa: F821
        keyless, counted = doubts(rows, self.rows) if rows is not None else ([], [])  # noqa: F821
        told = {
            "revision": name,
            "statements": statements,
            "locks": locks,
            "lost": losses(rows, self.rows) if rows is not None else [],  # noqa: F821
            "unsure": sorted(name for name, one in (self.rows or {}).items() if one["unsure"]),
            "keyless": keyless,
            "counted": counted,
            "indexes": indexes_of(self.schema, schema),  # noqa: F821
            "new": new_objects(schema, self.schema),  # noqa: F821
            "down": None,
        }
        if self.asked["down"] and name not in self.asked["skip"]:
            told["down"] = self.back(revision, schema, rows)
        return told

    def back(self, revision, schema, rows):
        """Go down and up again; return what is not as it was."""
        upper, upper_rows = self.schema, self.rows
        told = {"error": "", "down": [], "up": [], "rows": []}
        try:
            self.run([(revision, False)])
        except BaseException as error:
            told["error"] = describe(error)
            self.answer["failed"] = ""
            self.look()
            self.stopped = bool(schema_difference(upper, self.schema)) or not same_rows(  # noqa: F821
                upper_rows, self.rows
            )
            return told
        told["down"] = shown(schema_difference(schema, self.schema))  # noqa: F821
        if rows is not None:
            told["rows"] = changed_rows(rows, self.rows)  # noqa: F821
        try:
            self.run([(revision, True)])
        except BaseException as error:
            told["error"] = f"the second upgrade fails: {describe(error)}"
            self.answer["failed"] = ""
            self.stopped = True
            return told
        told["up"] = shown(schema_difference(upper, self.schema))  # noqa: F821
        return told


def same_rows(one, other):
    """Return whether two looks saw the same rows, where rows were looked at."""
    return one is None or {name: (each["rows"], each["mark"]) for name, each in one.items()} == {
        name: (each["rows"], each["mark"]) for name, each in other.items()
    }


def drift(alembic, config, script, answer, asked):
    """Upgrade the copy, and compare it with the models in Alembic's own way."""
    upgrade(alembic, config, script, answer, "heads")
    answer["diffs"] = []
    answer["schema"] = {}

    def look(revisions, context):
        metadata = models(context)
        context._user_compare_type = context._user_compare_type or True
        if asked["server_defaults"]:
            context._user_compare_server_default = context._user_compare_server_default or True
        found = alembic.autogenerate.compare_metadata(context, metadata)
        answer["diffs"] += [line for one in found for line in diff_lines(one)]
        answer["schema"].update(compared(context))
        return []

    read_only(alembic, config, script, look)


def create(alembic, config, script, answer, asked):
    """Create everything that the models know in an empty copy."""
    answer["schema"] = {}

    def look(revisions, context):
        metadata = models(context)
        connection = context.connection
        execute = getattr(connection, "exec_driver_sql", None) or connection.execute
        if connection.dialect.name == "postgresql":
            for name in asked["extensions"]:
                execute(f'CREATE EXTENSION IF NOT EXISTS "{name}"')
            schemas = {table.schema for one in metadata for table in one.tables.values()}
            for name in sorted(one for one in schemas if one):
                execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
        for one in metadata:
            one.create_all(connection)
        answer["schema"].update(compared(context))
        return []

    read_only(alembic, config, script, look)


def models(context):
    """Return the models that env.py gives Alembic, as a list."""
    found = context.opts.get("target_metadata")
    if found is None:
        raise SetupProblem("env.py gives Alembic no target_metadata: there is nothing to compare")
    return list(found) if isinstance(found, (list, tuple)) else [found]


def compared(context):
    """Return the part of the schema that models can say."""
    schema = read_schema(context.connection, context.version_table)  # noqa: F821
    kinds = ("table", "constraint", "check", "index", "extension")
    return {key: text for key, text in schema.items() if key.partition(" ")[0] in kinds}


def diff_lines(diff):
    """Return what one entry of Alembic's comparison says, a line for each change."""
    if isinstance(diff, list):
        return [line for one in diff for line in diff_lines(one)]
    operation, rest = diff[0], diff[1:]
    if operation.startswith("modify_"):
        schema, table, column, _, old, new = rest
        return [f"{operation} {dotted(schema, table)}.{column}: {old!r} -> {new!r}"]
    if operation in ("add_column", "remove_column"):
        return [f"{operation} {dotted(rest[0], rest[1])}.{rest[2].name}"]
    subject = rest[0]
    table = getattr(subject, "table", None)
    names = [getattr(table, "name", None), getattr(subject, "name", None)]
    columns = ", ".join(getattr(one, "name", str(one)) for one in getattr(subject, "columns", []))
    inside = f"({columns})" if columns and table is not None else ""
    return [f"{operation} {'.'.join(str(one) for one in names if one)}{inside}"]


def dotted(schema, table):
    """Return a table's name, with its schema where there is one."""
    return f"{schema}.{table}" if schema else table


def build(alembic, config, script, answer, asked):
    """Go all revisions on an empty copy, and read on a new connection where that leads."""
    upgrade(alembic, config, script, answer, "heads")
    answer["after"] = current_heads(alembic, config, script)


STEPWISE = {"walk": walk, "drift": drift, "build": build}


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
