"""Becomes `sitecustomize.py` in front of a program of the target: watches SQLite connections.

Each is looked at when it is closed, or when the program ends: what it is set to then, and whether
it refuses a row without its parent in TEMP tables, which only this connection sees. Python 3.8 and
newer; from 3.10 on an audit hook sees also what something else than `sqlite3.connect` made.
Writes lines of JSON to `FOLDER/PROCESS`: `opened` for a handle, then `seen` for the same number.
"""

# Old interpreters, and programs of others:
# ruff: noqa: PTH100, PTH118, PTH120, PTH123, UP031
import atexit
import itertools
import json
import os
import sys
import weakref

FOLDER = os.path.dirname(os.path.abspath(__file__))
PARENT, CHILD = "readiness_gate_parent", "readiness_gate_child"
numbers = itertools.count(1)
watched_handles = weakref.WeakSet()
other_handles = {}
"""Handles of other classes, by identity; kept, for nobody tells when they close."""


def write(kind, number, **facts):
    """Append one line; several processes never mix, each has a file of its own."""
    line = json.dumps(dict(facts, kind=kind, number=number))
    with open(os.path.join(FOLDER, "observed-%d" % os.getpid()), "a") as record:
        record.write(line + "\n")


def heard(event, arguments):
    """Note what the interpreter tells of every new handle."""
    if event == "sqlite3.connect/handle":
        opened(arguments[0])


def opened(handle):
    """Note a handle the moment it is there; it is told twice where there is an audit hook."""
    if hasattr(handle, "readiness_gate_number"):
        if handle.readiness_gate_number:
            return
        handle.readiness_gate_number = number = next(numbers)
        watched_handles.add(handle)
    elif id(handle) in other_handles:
        return
    else:
        number = next(numbers)
        other_handles[id(handle)] = (number, handle)
    write("opened", number)


def look(handle, number):
    """Write what a handle is set to; it is about to close."""
    try:
        facts = facts_of(handle)
    except Exception as error:
        facts = {"problem": "%s: %s" % (type(error).__name__, error)}
    write("seen", number, **facts)


def facts_of(handle):
    """Return the pragma, how a violation ended, the file, and how many foreign keys it has."""
    import sqlite3

    handle.row_factory = None
    handle.text_factory = str
    plain = sqlite3.Connection  # an application's class may have methods of its own
    plain.rollback(handle)
    rows = plain.execute(handle, "PRAGMA foreign_keys").fetchall()
    files = plain.execute(handle, "PRAGMA database_list").fetchall()
    tables = plain.execute(handle, "SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    keys = 0
    for (name,) in tables:
        quoted = '"' + name.replace('"', '""') + '"'
        keys += len(plain.execute(handle, "PRAGMA foreign_key_list(%s)" % quoted).fetchall())
    return {
        "pragma": rows[0][0] if rows else None,
        "violation": violate(plain, handle),
        "file": next((row[2] for row in files if row[1] == "main"), ""),
        "keys": keys,
    }


def violate(plain, handle):
    """Return `rejected` or `accepted`; the TEMP tables end with the connection."""
    import sqlite3

    plain.execute(handle, "CREATE TEMP TABLE %s (id INTEGER PRIMARY KEY)" % PARENT)
    plain.execute(handle, "CREATE TEMP TABLE %s (id INTEGER REFERENCES %s(id))" % (CHILD, PARENT))
    try:
        plain.execute(handle, "INSERT INTO temp.%s VALUES (1)" % CHILD)
    except sqlite3.IntegrityError:
        return "rejected"
    return "accepted"


def watch():
    """Let every connection that `sqlite3.connect` makes be one that is looked at as it closes."""
    import sqlite3

    connect, classes = sqlite3.connect, {}

    def watched(factory):
        if factory not in classes:

            class Watched(factory):
                readiness_gate_number = 0

                def close(self):
                    self.readiness_gate_look()
                    super().close()

                def __del__(self):
                    self.readiness_gate_look()

                def readiness_gate_look(self):
                    number = self.readiness_gate_number
                    if number > 0:
                        self.readiness_gate_number = -1
                        look(self, number)

            Watched.__name__, Watched.__qualname__ = factory.__name__, factory.__qualname__
            Watched.__module__ = factory.__module__
            classes[factory] = Watched
        return classes[factory]

    def connecting(*arguments, **named):
        if len(arguments) > 5 and isinstance(arguments[5], type):
            arguments = (*arguments[:5], watched(arguments[5]), *arguments[6:])
        elif len(arguments) <= 5:
            named["factory"] = watched(named.get("factory", sqlite3.Connection))
        handle = connect(*arguments, **named)
        opened(handle)
        return handle

    sqlite3.connect = sqlite3.dbapi2.connect = connecting


def finish():
    """Look at what is still open."""
    for handle in list(watched_handles):
        handle.readiness_gate_look()
    for number, handle in list(other_handles.values()):
        look(handle, number)


def give_way():
    """Run the `sitecustomize` of the target that this one stands in front of."""
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != FOLDER]
    own = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # noqa: F401
    except ImportError:
        sys.modules["sitecustomize"] = own


try:
    watch()
except ImportError:
    pass  # an interpreter without SQLite opens no connection
else:
    if hasattr(sys, "addaudithook"):
        sys.addaudithook(heard)
    atexit.register(finish)
if __name__ == "sitecustomize":
    give_way()
