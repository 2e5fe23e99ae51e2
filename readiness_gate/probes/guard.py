"""Put in front of `alembic_probe.py`: no connection leaves the copies, whoever opens it.

`connections.py` sends what SQLAlchemy opens to a copy. What a project opens by itself (sqlite3, a
driver, a program) cannot be sent; it is refused with its place, unless it is for a copy. A program
is another process, where nobody watches: only those that have no way to a database are started.
A project that hides the refusal changes nothing: it is kept, and told.
Standard library only; Python 3.8 and newer.
"""

# One text with the probe behind it, for every old interpreter:
# ruff: noqa: ARG001, F821, FURB188, PTH109, PTH112, PTH117, PTH119, PTH208, SLF001
import contextlib
import fcntl
import importlib.machinery
import os
import re
import socket
import stat
import sys
import threading

REFUSED = []
GUARDED = []
CLOSED = []
# Since 3.10 Python tells of each connection of SQLite once it is there.
HANDLES = sys.version_info >= (3, 10)
UNCONFINED = (
    "a connection of SQLite that cannot be kept to its file, by another way than connect(),"
)
WATCHED = threading.local()
CLIENTS = ("psql", "pg_restore", "pg_dump", "mysql", "mariadb", "sqlite3", "alembic")
SHELLS = ("sh", "bash", "dash")
# One command, of which the shell changes nothing.
PLAIN = re.compile(r"\s*[\w./-]+(?: [\w./:=,@%+'\" -]*)?\Z")
HARMLESS = (
    "git",
    "uname",
    "file",
    "ldconfig",
    "gcc",
    "cc",
    "ld",
    "objdump",
    "hostname",
    "ifconfig",
    "ip",
    "arp",
    "netstat",
    "lsb_release",
)


def guard():
    """Watch from now on; CONNECTIONS.scratch says which copies may be opened."""
    if GUARDED:
        return
    GUARDED.append(True)
    sys.addaudithook(heard)
    for name in DRIVERS:
        if name in sys.modules:
            watch(name, sys.modules[name])
    sys.meta_path.insert(0, Watched())


def close(kept):
    """Let nothing through from now on: no database, no copy, no host, no program.

    `kept` is the one open file of this process that stays as it is.
    """
    CONNECTIONS.scratch = {}
    redirect({})
    shut()
    CLOSED.append(True)
    guard()
    cut(kept)


def cut(kept):
    """Cut what a project has open by itself, such as a connection of a driver from its import."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
    for handle in sorted(int(name) for name in os.listdir(folder)):
        if handle < 3 or handle in (kept, nothing):
            continue
        with contextlib.suppress(OSError):  # it was open while they were listed
            mode = os.fstat(handle).st_mode
            if stat.S_ISSOCK(mode):
                hang_up(handle)
            elif stat.S_ISREG(mode) and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE:
                # Not a file that takes what is written: SQLite has to see that nothing is.
                os.dup2(nothing, handle, inheritable=False)


def hang_up(handle):
    """End a connection; the two ends of an event loop are none, and have no name."""
    with contextlib.closing(socket.socket(fileno=os.dup(handle))) as one:
        if one.getpeername():
            one.shutdown(socket.SHUT_RDWR)


def refuse(what, message="{} opens {} without SQLAlchemy: it cannot be sent to the copy"):
    """Keep what was refused, with its place, and raise."""
    told = message.format(place(), what)
    if CLOSED:
        told = f"{place()} opens or starts {what}, which is not done a second time"
    REFUSED.append(told)
    raise Refused(told)


def place():
    """Return the file and line of the project that is at work."""
    frame, here = sys._getframe(1), os.getcwd() + os.sep
    while frame is not None:
        name = frame.f_code.co_filename
        inside = name.startswith(here) or not os.path.isabs(name)
        own = name.startswith("<") or any(
            part in name for part in ("site-packages", "dist-packages")
        )
        if inside and not own:
            return f"{name[len(here) :] if name.startswith(here) else name}:{frame.f_lineno}"
        frame = frame.f_back
    return "the project"


def allowed(name):
    """Return whether a database is one of the copies."""
    return isinstance(name, str) and name in CONNECTIONS.scratch.values()


def heard(event, arguments):
    """Hear of SQLite's connections, and of programs that are started."""
    if event == "sqlite3.connect":
        file_opened(arguments[0])
        if not (HANDLES or getattr(WATCHED, "opening", False)):
            refuse(UNCONFINED)
    elif event == "sqlite3.connect/handle" and not getattr(WATCHED, "opening", False):
        confine(arguments[0])
    elif event == "subprocess.Popen":
        started(arguments[0], arguments[1])
    elif event == "os.system":
        started("sh", ["sh", "-c", arguments[0]])
    elif event in ("os.exec", "os.posix_spawn"):
        started(arguments[0], arguments[1])
    elif event == "os.spawn":
        started(arguments[1], arguments[2])
    elif event in ("os.fork", "os.forkpty"):
        begun(f"a copy of itself by {event}")
    elif CLOSED and event in ("socket.connect", "socket.sendto"):
        refuse(f"a connection to {arguments[1]}")


def started(program, command):
    """Refuse a program, unless it is one that has no way to a database."""
    words = command if isinstance(command, (list, tuple)) else [command]
    known = [os.fsdecode(one) for one in words if isinstance(one, (str, bytes, os.PathLike))]
    # What a shell is given is looked at word by word.
    for word in " ".join(known if "-c" in known[1:2] else known[:1]).split():
        if os.path.basename(word.strip("\"'`;&|()")) in CLIENTS:
            refuse(f"a database by {os.path.basename(word)}")
    name = os.path.basename(os.fsdecode(program or (known or [""])[0]))
    if name in SHELLS and len(known) == 3 and known[1] == "-c" and PLAIN.match(known[2]):
        name = os.path.basename(known[2].split()[0])
    if CLOSED or name not in HARMLESS:
        begun(name or "a program")


def begun(what):
    """Refuse a process."""
    refuse(what, "{} starts {}: what that opens cannot be sent to the copy")


def file_opened(opened):
    """Refuse a file of SQLite that is no copy; what is in memory harms nobody."""
    with contextlib.suppress(TypeError):
        path = os.fsdecode(opened)
        if path.startswith("file:"):
            path, _, query = path[5:].partition("?")
            if "mode=memory" in query:
                return
        if path not in ("", ":memory:") and not allowed(os.path.basename(path)):
            refuse(os.path.basename(path))


def confine(connection):
    """Keep a connection of SQLite to its own file, or refuse it."""
    try:
        connection.set_authorizer(attached)
    except Exception:
        refuse(UNCONFINED)


def alone(connection):
    """Keep a connection of SQLite to its own file, where this thread may say so."""
    for name in ("driver_connection", "_conn"):
        connection = getattr(connection, name, None) or connection
    with contextlib.suppress(Exception):
        connection.set_authorizer(attached)


def attached(action, one, two, database, trigger):
    """Deny that a connection reaches a further file (SQLITE_ATTACH is 24)."""
    if action == 24 and one not in ("", ":memory:"):
        try:
            if one is None:
                refuse("a file whose name is no part of the statement")
            file_opened(one)
        except Refused:
            return 1
    return 0


def of_sqlite(module):
    """Keep each connection to its own file; while Python tells of it that is not always done."""
    original = module.connect

    def connect(*rest, **options):
        WATCHED.opening = True
        try:
            opened = original(*rest, **options)
        finally:
            WATCHED.opening = False
        confine(opened)
        return opened

    module.connect = connect
    if "sqlite3" in sys.modules:
        sys.modules["sqlite3"].connect = connect


def of_psycopg(module):
    """Watch the one function through which each connection of psycopg 3 is made."""
    original = module.connect

    def connect(conninfo, *rest, **options):
        from psycopg.conninfo import conninfo_to_dict

        named(conninfo_to_dict(conninfo).get("dbname"))
        return original(conninfo, *rest, **options)

    module.connect = connect


def of_psycopg2(module):
    """Watch `psycopg2.connect` behind its own parsing."""
    original = module._connect

    def connect(dsn, *rest, **options):
        from psycopg2.extensions import parse_dsn

        named(parse_dsn(dsn).get("dbname"))
        return original(dsn, *rest, **options)

    module._connect = connect


def of_pymysql(module):
    """Watch PyMySQL and aiomysql, whose connections know their database before they connect."""
    kind = module.Connection
    method = "connect" if module.__name__.startswith("pymysql") else "_connect"
    original = getattr(kind, method)

    def connect(self, *rest, **options):
        own = getattr(self, "db", None) if method == "connect" else getattr(self, "_db", None)
        named(own.decode() if isinstance(own, bytes) else own)
        return original(self, *rest, **options)

    setattr(kind, method, connect)


def of_mysqlclient(module):
    """Watch mysqlclient."""
    original = module.Connection.__init__

    def connect(self, *rest, **options):
        named(database_of(rest, options))
        original(self, *rest, **options)

    module.Connection.__init__ = connect


def of_mysqlclient_below(module):
    """Watch what mysqlclient is made of, which can be used by itself."""

    class Connection(module.connection):
        def __init__(self, *rest, **options):
            named(database_of(rest, options))
            super().__init__(*rest, **options)

    module.connection = module.connect = Connection


def database_of(rest, options):
    """Return the database that mysqlclient is given."""
    return options.get("database") or options.get("db") or (rest[3] if len(rest) > 3 else None)


def of_asyncpg(module):
    """Watch asyncpg where the address is known."""
    original = module._connect_addr

    def connect(*rest, **options):
        named(getattr(options.get("params"), "database", None))
        return original(*rest, **options)

    module._connect_addr = connect


def of_multiprocessing(module):
    """Watch the one way to a process of which no audit event tells."""

    def spawnv_passfds(path, arguments, handles):
        begun(os.path.basename(os.fsdecode(path)))

    module.spawnv_passfds = spawnv_passfds


DRIVERS = {
    "sqlite3.dbapi2": of_sqlite,
    "psycopg.generators": of_psycopg,
    "psycopg2": of_psycopg2,
    "pymysql.connections": of_pymysql,
    "aiomysql.connection": of_pymysql,
    "MySQLdb._mysql": of_mysqlclient_below,
    "MySQLdb.connections": of_mysqlclient,
    "asyncpg.connect_utils": of_asyncpg,
    "multiprocessing.util": of_multiprocessing,
}


def named(database):
    """Refuse a database of a server that is no copy."""
    if not allowed(database):
        refuse(f"the database {database}" if database else "a connection that names no database")


def watch(name, module):
    """Watch a driver; one that is built otherwise is left as it is."""
    with contextlib.suppress(AttributeError):
        DRIVERS[name](module)


class Watched:
    """Finds the drivers as Python does, and has them watched once they are loaded."""

    def find_spec(self, name, path=None, target=None):
        """Return the specification of a driver, nothing for all else."""
        if name not in DRIVERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            return spec
        load = spec.loader.exec_module

        def load_and_watch(module):
            load(module)
            watch(name, module)

        spec.loader.exec_module = load_and_watch
        return spec
