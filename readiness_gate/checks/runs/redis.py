"""What `redis` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from readiness_gate.checks.asking import OutOfTime, Silent, asking, problems_failed, unanswered
from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.network.redis import Keys, RedisOptions
from readiness_gate.checks.services import stack_of
from readiness_gate.checks.socket_target import Port, port_of, silent
from readiness_gate.checks.stimulus import StimulusFailed, send
from readiness_gate.doors.clock import Deadline
from readiness_gate.doors.sockets import Connection, Unreachable
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.resp import NotRedis, RedisRefusal, Replies, Reply, command
from readiness_gate.matchers import ABSENT, compile_matcher
from readiness_gate.matchers.threshold import Unit, threshold
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed

_MOST_KEYS = 100_000
_MOST_SCANS = 20_000
_TTL_ASKED = 100

_SHOWN = frozenset(
    {
        "redis_version",
        "role",
        "aof_enabled",
        "aof_last_write_status",
        "rdb_last_bgsave_status",
        "maxmemory_policy",
        "maxmemory_human",
        "used_memory_human",
        "loading",
    }
)


class _Session:
    """One connection, logged in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._replies = Replies(connection.receive)

    def ask(self, *words: str) -> Reply:
        """Return the reply to one command."""
        self._connection.send(command(words))
        return self._replies.read()

    def text(self, *words: str) -> str:
        """Return a reply that has to be a text."""
        reply = self.ask(*words)
        if not isinstance(reply, str):
            raise NotRedis(f"{words[0]} is answered by no text")
        return reply

    def listed(self, *words: str) -> list[Reply]:
        """Return a reply that has to be a list."""
        reply = self.ask(*words)
        if not isinstance(reply, list):
            raise NotRedis(f"{words[0]} is answered by no list")
        return reply


class _Wrong(Exception):  # noqa: N818 - the fact is the name
    """Redis answers, but not what can be judged."""


def run(context: CheckContext, options: RedisOptions) -> CheckResult:
    """Log in, look, send the requests, and look again."""
    stack_of(context)
    port = port_of(context, options.service, options.port)
    what = f"redis {port.name}"
    try:
        return _measured(context, options, port, Deadline(context.clock, context.timeout))
    except Unreachable as error:
        return silent(context, what, error)
    except (RedisRefusal, NotRedis) as error:
        return _refused(what, error)
    except StimulusFailed as error:
        return problems_failed([str(error)], [error.evidence])
    except Silent as error:
        return unanswered(context, error)
    except (_Wrong, OutOfTime) as error:
        cause = str(error) or f"time was over after {context.timeout:g} s"
        return cannot_tell(ErrorClass.INCONCLUSIVE, f"{what}: {cause}")


def _refused(what: str, refusal: RedisRefusal | NotRedis) -> CheckResult:
    error = str(refusal)
    if isinstance(refusal, NotRedis):
        return failed(f"{what}: {error}")
    if error.startswith(("NOAUTH", "WRONGPASS", "NOPERM", "ERR AUTH", "ERR invalid password")):
        return cannot_tell(
            ErrorClass.CONFIGURATION,
            f"{what}: {error}",
            remediation="Name the variable that holds the password in `password`, and the user.",
        )
    return cannot_tell(ErrorClass.INCONCLUSIVE, f"{what}: {error}")


def _measured(
    context: CheckContext, options: RedisOptions, port: Port, deadline: Deadline
) -> CheckResult:
    before: dict[str, frozenset[str]] = {}
    if any(one.increases for one in options.keys.values()):
        with _connection(context, options, port, deadline) as connection:
            session = _logged_in(context, options, connection)
            before = {pattern: _found(session, pattern) for pattern in options.keys}
    if options.requests:
        send(asking(context, options.timeout), options.requests)
    with _connection(context, options, port, deadline) as connection:
        session = _logged_in(context, options, connection)
        info = _info(session)
        if info.get("loading") == "1":
            raise _Wrong("it still loads its data")
        problems = [*_info_problems(options, info), *_config_problems(options, session)]
        problems += _persistence_problems(options, session, info)
        for pattern, expected in options.keys.items():
            keys = _found(session, pattern)
            causes = _key_problems(session, expected, keys, before.get(pattern, frozenset()))
            problems += [f"keys {pattern}: {cause}" for cause in causes]
    table = _table(info)
    what = f"redis {port.name}"
    if problems:
        return failed(
            f"{what}: {problems[0]}" + (f"; and {len(problems) - 1} more" * (len(problems) > 1)),
            details="\n".join(problems),
            evidence=[table],
        )
    held = len(options.info) + len(options.config) + len(options.keys)
    held += options.persistence is not None
    return passed(f"{what} answers, {held} further assertions hold", evidence=[table])


def _connection(
    context: CheckContext, options: RedisOptions, port: Port, deadline: Deadline
) -> Connection:
    limit = deadline.remaining(options.timeout)
    if limit <= 0:
        raise OutOfTime
    return context.sockets.connect(port.host, port.port, timeout=limit)


def _logged_in(context: CheckContext, options: RedisOptions, connection: Connection) -> _Session:
    session = _Session(connection)
    if options.password is not None:
        user = () if options.user is None else (options.user,)
        session.ask("AUTH", *user, _password(context, options.service, options.password))
    if session.text("PING") != "PONG":
        raise NotRedis("PING is not answered by PONG")
    if options.database:
        session.ask("SELECT", str(options.database))
    return session


def _password(context: CheckContext, service: str, variable: str) -> str:
    stack = stack_of(context)
    found = stack.environment(service).get(variable) or context.variables.get(variable)
    if not found:
        raise ConfigurationError(
            f"password: neither service {service} nor the gate has the variable {variable}",
            advice="Name a variable that is set.",
        )
    return found


def _info(session: _Session) -> dict[str, str]:
    lines = session.text("INFO").splitlines()
    pairs = (line.split(":", 1) for line in lines if ":" in line and not line.startswith("#"))
    return {name: value.strip() for name, value in pairs}


def _info_problems(options: RedisOptions, info: Mapping[str, str]) -> Iterator[str]:
    for name, raw in options.info.items():
        cause = compile_matcher(_as_text(raw)).explain(info.get(name, ABSENT))
        if cause is not None:
            yield f"info {name}: {cause}"


def _config_problems(options: RedisOptions, session: _Session) -> Iterator[str]:
    for name, raw in options.config.items():
        value = _config(session, name)
        cause = compile_matcher(_as_text(raw)).explain(ABSENT if value is None else value)
        if cause is not None:
            yield f"config {name}: {cause}"


def _config(session: _Session, name: str) -> str | None:
    reply = session.listed("CONFIG", "GET", name)
    pairs = dict(zip(map(str, reply[::2]), map(str, reply[1::2]), strict=False))
    return pairs.get(name)


def _as_text(raw: JsonValue) -> JsonValue:
    """Return a bare number as the text that Redis says."""
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return str(raw) if is_number else raw


def _persistence_problems(
    options: RedisOptions, session: _Session, info: Mapping[str, str]
) -> list[str]:
    wanted = options.persistence
    if wanted is None:
        return []
    appends = info.get("aof_enabled") == "1"
    saves = bool((_config(session, "save") or "").strip())
    if wanted == "none":
        kept = "appendonly" * appends or "save" * saves
        return [f"persistence: {kept} is on"] if kept else []
    problems = []
    if wanted == "aof" and not appends:
        problems.append("persistence: appendonly is off")
    if wanted == "rdb" and not saves:
        problems.append("persistence: save is off")
    if wanted == "any" and not appends and not saves:
        problems.append("persistence: neither appendonly nor save is on")
    asked = [
        *(("aof_last_write_status", "aof_last_bgrewrite_status") if appends else ()),
        *(("rdb_last_bgsave_status",) if saves else ()),
    ]
    problems += [
        f"persistence: {name} is {info.get(name, 'not told')}"
        for name in asked
        if info.get(name) != "ok"
    ]
    return problems


def _found(session: _Session, pattern: str) -> frozenset[str]:
    """Return the keys of a pattern; SCAN may tell one twice."""
    keys: set[str] = set()
    cursor = "0"
    for _ in range(_MOST_SCANS):
        reply = session.listed("SCAN", cursor, "MATCH", pattern, "COUNT", "1000")
        if len(reply) != 2 or not isinstance(reply[0], str) or not isinstance(reply[1], list):
            raise NotRedis("SCAN is answered by another form")
        cursor = reply[0]
        keys |= {str(key) for key in reply[1]}
        if cursor == "0":
            return frozenset(keys)
        if len(keys) > _MOST_KEYS:
            break
    raise _Wrong(f"more keys than are counted: write a narrower pattern than {pattern[:60]}")


def _key_problems(
    session: _Session, expected: Keys, keys: frozenset[str], before: frozenset[str]
) -> Iterator[str]:
    for name, limit, actual in (
        ("count", expected.count, len(keys)),
        ("increase", expected.increases, len(keys - before)),
    ):
        cause = threshold(limit, Unit.NUMBER).explain(actual) if limit is not None else None
        if cause is not None:
            yield f"{name}: {cause}"
    if expected.expire is None:
        return
    judged = sorted(keys - before or keys)[:_TTL_ASKED]
    lives = [(key, session.ask("PTTL", key)) for key in judged]
    there = [(key, life) for key, life in lives if isinstance(life, int) and life != -2]
    if not there:
        yield "there is none whose time to live could be seen"
    for key, life in there:
        if (life >= 0) is not expected.expire:
            yield f"{key[:80]!r} {'never expires' if expected.expire else 'expires'}"
            return


def _table(info: Mapping[str, str]) -> TableEvidence:
    rows = tuple((name, info[name][:100]) for name in info if name in _SHOWN)
    return TableEvidence(title="INFO", columns=("field", "value"), rows=rows)
