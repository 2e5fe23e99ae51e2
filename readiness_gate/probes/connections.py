"""Put in front of `alembic_probe.py`: sends every connection to a scratch copy, notes what runs.

Standard library and the target's SQLAlchemy only; Python 3.8 and newer, SQLAlchemy 1.3 and newer.
"""

# One text with the probe behind it, for every old interpreter:
# ruff: noqa: ARG001, PTH118, PTH119, PTH120, PTH110
import os
import time

STATEMENTS_CAP = 4_000_000
NAMES = ("dbname", "database", "db")


class Refused(Exception):  # noqa: N818
    """A connection would have left the scratch copies."""


class Connections:
    """What is known of the connections of this process."""

    def __init__(self):
        """Know of none."""
        self.scratch = {}
        self.approved = 0
        self.sent = 0
        self.revision = ""
        self.owner = ""
        self.known = {}
        self.kept = 0
        self.began = 0.0
        self.last = None
        self.locks = {}


CONNECTIONS = Connections()


def deny(text):
    """Keep what is refused, so that a project that hides it changes nothing, and raise."""
    REFUSED.append(text)  # noqa: F821 - of the text behind
    raise Refused(text)


def redirect(scratch):
    """Open only copies from now on: `scratch` is the real name of a database → that of its copy."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.engine.default import DefaultDialect
    from sqlalchemy.pool import Pool

    first = not CONNECTIONS.scratch
    CONNECTIONS.scratch = dict(scratch)
    if first:
        event.listen(Engine, "do_connect", send)
        event.listen(Pool, "connect", approve)
        DefaultDialect._has_events = True  # noqa: SLF001 - an own `False` of it would hide ours


def shut():
    """Refuse what was opened earlier, too: a connection out of a pool, and each statement."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine
    from sqlalchemy.pool import Pool

    event.listen(Pool, "checkout", none)
    event.listen(Engine, "before_cursor_execute", none)


def none(*arguments):
    """Refuse a connection that is there."""
    refuse("a connection of SQLAlchemy")  # noqa: F821 - of the text behind


def send(dialect, record, arguments, parameters):
    """Open the copy in place of the database; anything else is refused."""
    if dialect.name == "sqlite":
        opened = arguments[0] if arguments else parameters.get("database", "")
        path = copy_of_file(str(opened))
        CONNECTIONS.approved += 1
        CONNECTIONS.sent += 1
        rest = {key: value for key, value in parameters.items() if key not in ("database", "uri")}
        opened = dialect.connect(path, *arguments[1:], **rest)
        alone(opened)  # noqa: F821 - of the text behind
        return opened
    key = next((name for name in NAMES if parameters.get(name)), None)
    if key is None:
        deny("env.py opens a connection that names no database")
    name = str(parameters[key])
    if name not in CONNECTIONS.scratch.values():
        if name not in CONNECTIONS.scratch:
            deny(
                f"env.py opens the database {name}; the copy is one of "
                f"{', '.join(sorted(CONNECTIONS.scratch))}"
            )
        parameters[key] = CONNECTIONS.scratch[name]
    CONNECTIONS.approved += 1
    CONNECTIONS.sent += 1
    return None


def copy_of_file(opened):
    """Return the copy of a SQLite file, which lies beside it."""
    path = opened[5:].partition("?")[0] if opened.startswith("file:") else opened
    name = os.path.basename(path)
    if name not in CONNECTIONS.scratch:
        known = ", ".join(sorted(CONNECTIONS.scratch))
        deny(f"env.py opens {name or opened}; the copy is one of {known}")
    copy = os.path.join(os.path.dirname(path), CONNECTIONS.scratch[name])
    if not os.path.exists(copy):
        deny(f"the copy of {name} cannot be seen beside it in the target")
    return copy


def approve(connection, record):
    """Refuse a connection that did not come about through `send`."""
    if CONNECTIONS.approved < 1:
        deny("env.py opens its connection by a creator of its own: it cannot be copied")
    CONNECTIONS.approved -= 1


def listen():
    """Note the statements and the locks of each revision from now on."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Engine, "after_cursor_execute", end)
    event.listen(Engine, "commit", note_locks)


def begin(connection, cursor, statement, parameters, context, many):
    """Keep the statement, never its parameters."""
    if not CONNECTIONS.revision:
        return
    text = str(statement).strip()
    level = connection.get_execution_options().get("isolation_level")
    alone = level == "AUTOCOMMIT"  # as Alembic's autocommit_block asks for it
    CONNECTIONS.began = time.time()
    # A loop over rows runs one statement many times.
    if (text, alone) not in CONNECTIONS.known and CONNECTIONS.kept + len(text) > STATEMENTS_CAP:
        text = ""
    if (text, alone) not in CONNECTIONS.known:
        CONNECTIONS.kept += len(text)
        CONNECTIONS.known[text, alone] = [text, 0.0, alone]
    CONNECTIONS.last = CONNECTIONS.known[text, alone]


def end(connection, cursor, statement, parameters, context, many):
    """Add the seconds that the statement took."""
    if CONNECTIONS.revision and CONNECTIONS.last is not None:
        CONNECTIONS.last[1] += time.time() - CONNECTIONS.began
        CONNECTIONS.last = None


LOCKS = (
    "SELECT n.nspname || '.' || c.relname, l.mode FROM pg_catalog.pg_locks l "
    "JOIN pg_catalog.pg_class c ON c.oid = l.relation "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE l.pid = pg_backend_pid() AND l.granted AND c.relkind IN ('r', 'p') "
    "AND left(n.nspname, 3) <> 'pg_' "
    "AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
)


def note_locks(connection):
    """Note what the transaction holds at its end; PostgreSQL only."""
    owner, noted = CONNECTIONS.owner, CONNECTIONS.revision
    if not owner or connection.dialect.name != "postgresql":
        return
    CONNECTIONS.owner = CONNECTIONS.revision = ""  # what we ask is no statement of the revision
    try:
        for table, mode in fetched(connection, LOCKS):
            CONNECTIONS.locks.setdefault(owner, set()).add((table, mode))
    finally:
        CONNECTIONS.owner, CONNECTIONS.revision = owner, noted


def fetched(connection, statement):
    """Return the rows of a statement without parameters."""
    execute = getattr(connection, "exec_driver_sql", None) or connection.execute
    return [tuple(row) for row in execute(statement).fetchall()]


def taken(revision):
    """Return a revision's statements as `[text, seconds, autocommit]`, and its locks.

    What there was no room for has an empty text.
    """
    mine = [[text, round(took, 4), alone] for text, took, alone in CONNECTIONS.known.values()]
    CONNECTIONS.known = {}
    return mine, sorted(list(one) for one in CONNECTIONS.locks.pop(revision, set()))
