"""Options of checks that look at a database; `database:` itself is added by the proposal."""

import re

from readiness_gate.adopt.options.wanted import Filled, Wanted, number

_TABLES = re.compile(r"(\d+)\s*(?:tables|таблиц)")
_KEYS = re.compile(r"(\d+)\+?\s*(?:fk|foreign keys?|внешн)")
_COLUMN = re.compile(r"`?\b([a-z_]+)\.([a-z_]+_id)\b")
_ACTION = re.compile(r"^(cascade|set null|restrict|no action)", re.IGNORECASE)
_OBSERVES = re.compile(r"postg|timescale|pgvector")
"""Images of servers that tell which statements a request made them run."""


def plain(_wanted: Wanted) -> Filled:
    """Return nothing but the database."""
    return Filled(database=True)


def foreign_key_enforcement(wanted: Wanted) -> Filled:
    """Return the engine of the application, which has to switch enforcement on in SQLite."""
    engine = wanted.facts.engine
    if engine and wanted.facts.service("database") is None:
        return Filled({"engine": engine}, database=True)
    return Filled(database=True)


def foreign_key_policy(wanted: Wanted) -> Filled:
    """Return the rule that the line states, else that every key is decided."""
    options: dict[str, object] = {}
    metadata = wanted.facts.metadata
    todo = ""
    if wanted.kind == "rules":
        found = _ACTION.match(wanted.item.text)
        action = found[1].upper() if found else "RESTRICT"
        keys = _COLUMN.findall(wanted.item.text)
        tables = sorted({table for table, _ in keys})
        rule: dict[str, object] = {"tables": tables or ["*"], "on-delete": [action]}
        if keys:
            rule["columns"] = sorted({column for _, column in keys})
        else:
            todo = "name the tables that it is about"
        options["rules"] = [rule]
    else:
        if metadata:
            options["metadata"] = metadata
        options["require-explicit"] = True
    return Filled(options, todo, database=True)


def schema(wanted: Wanted) -> Filled:
    """Return the counts that the text states."""
    options: dict[str, object] = {}
    if found := _TABLES.search(wanted.small):
        options["tables"] = int(found[1])
    if found := _KEYS.search(wanted.small):
        options["foreign-keys"] = int(found[1])
    if "audit" in wanted.small:
        return Filled({"has": ["audit_log"]}, "name the table of the audit trail", database=True)
    return Filled(options, database=True)


def query_plan(wanted: Wanted) -> Filled:
    """Return the requests whose statements are looked at."""
    guarded = {wanted.facts.health, wanted.facts.ready, "/metrics", "/"}
    found = [one for one in wanted.facts.paths if one not in guarded and "{" not in one][:5]
    server = wanted.facts.service("database")
    if found and server is not None and _OBSERVES.search(server.image):
        loaded = "pg_stat_statements" in server.command
        lacks = "" if loaded else "let PostgreSQL load pg_stat_statements, or list `statements`"
        return Filled({"requests": found}, lacks, database=True)
    given = {"statements": ["SELECT 1"], "as-if-large": True}
    return Filled(given, "write the statements, or name the requests that send them", database=True)


def connection_pool(wanted: Wanted) -> Filled:
    """Return who connects, by its engine."""
    facts = wanted.facts
    name = facts.application.name if facts.application else "api"
    engine = facts.engine
    holder = {"service": name, "engine": engine or "app.db:engine"}
    return Filled({"services": [holder]}, "" if engine else "name the engine", database=True)


def backup_restore(wanted: Wanted) -> Filled:
    """Return the time that the text allows for it."""
    limit = wanted.threshold("s", "m", "h", "min", "d")
    if limit is None:
        return Filled(database=True)
    unit = "m" if limit.unit == "min" else limit.unit
    return Filled({"within": f"{number(limit.value)}{unit}"}, database=True)


def backup_recency(wanted: Wanted) -> Filled:
    """Return the age that the text promises; where backups are, only the team knows."""
    within = "26h"
    if "hour" in wanted.small:
        within = "2h"
    elif "week" in wanted.small:
        within = "8d"
    options: dict[str, object] = {"folder": "backups", "within": within}
    return Filled(options, "say where backups are listed: a folder, or a command under `list`")


def sql(_wanted: Wanted) -> Filled:
    """Return a query; which one, only the team knows."""
    query = "SELECT count(*) FROM users WHERE email IS NULL"
    return Filled({"query": query, "value": 0}, "write the query that counts them", database=True)
