"""Put in front of `alembic_probe.py`: reads a schema from the raw catalogue, and every row's mark.

A state is a mapping of what an object is called → how it is defined, so that two states are
compared without knowing the engine. Order of columns is no difference: after a way back it cannot
be the old one.
"""

import collections
import contextlib
import hashlib
import re

SQLITE_TABLES = {}
ROW_CAP = 200_000
LINES_CAP = 40

_OWN = (
    "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS "
    "(SELECT 1 FROM pg_depend e WHERE e.objid = {oid} AND e.deptype = 'e')"
)
_TABLE = _OWN.format(oid="c.oid")
POSTGRESQL = {
    "column": "SELECT n.nspname || '.' || c.relname || '.' || a.attname, "
    "format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END "
    "|| coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') "
    "|| CASE a.attidentity WHEN '' THEN '' ELSE ' IDENTITY' END "
    "|| CASE a.attgenerated WHEN '' THEN '' ELSE ' GENERATED' END "
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND " + _TABLE,
    "constraint": "SELECT n.nspname || '.' || c.relname || '.' || o.conname, "
    "pg_get_constraintdef(o.oid) FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid "
    # Since version 18 NOT NULL is a constraint too; the column says it already.
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE o.contype <> 'n' AND " + _TABLE,
    "index": "SELECT n.nspname || '.' || c.relname, pg_get_indexdef(c.oid) "
    "|| CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE " + _TABLE,
    "view": "SELECT n.nspname || '.' || c.relname, pg_get_viewdef(c.oid) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND " + _TABLE,
    "sequence": "SELECT n.nspname || '.' || c.relname, format_type(s.seqtypid, NULL) "
    "FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE " + _TABLE,
    "table": "SELECT n.nspname || '.' || c.relname, c.relkind::text "
    "|| CASE WHEN c.relrowsecurity THEN ' ROW SECURITY' ELSE '' END FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f') AND "
    + _TABLE,
    "trigger": "SELECT n.nspname || '.' || c.relname || '.' || t.tgname, "
    "pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND " + _TABLE,
    "function": "SELECT n.nspname || '.' || p.proname || '(' "
    "|| pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid) FROM pg_proc p "
    "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p') AND "
    + _OWN.format(oid="p.oid"),
    "enum": "SELECT n.nspname || '.' || t.typname, "
    "string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) "
    "FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid "
    "JOIN pg_namespace n ON n.oid = t.typnamespace WHERE "
    + _OWN.format(oid="t.oid")
    + " GROUP BY n.nspname, t.typname",
    "policy": "SELECT n.nspname || '.' || c.relname || '.' || p.polname, p.polcmd::text || ' ' "
    "|| coalesce(pg_get_expr(p.polqual, p.polrelid), '') FROM pg_policy p "
    "JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
    + _TABLE,
    "extension": "SELECT x.extname::text, '' FROM pg_extension x",
    "schema": "SELECT n.nspname::text, '' FROM pg_namespace n WHERE " + _OWN.format(oid="n.oid"),
}
_HERE = "TABLE_SCHEMA = DATABASE()"
MYSQL = {
    "table": "SELECT TABLE_NAME, concat_ws(' ', ENGINE, TABLE_COLLATION) "
    f"FROM information_schema.TABLES WHERE {_HERE} AND TABLE_TYPE = 'BASE TABLE'",
    "column": "SELECT concat(TABLE_NAME, '.', COLUMN_NAME), concat_ws(' ', COLUMN_TYPE, "
    "COLLATION_NAME, IF(IS_NULLABLE = 'NO', 'NOT NULL', NULL), "
    "concat('DEFAULT ', COLUMN_DEFAULT), EXTRA, GENERATION_EXPRESSION) "
    f"FROM information_schema.COLUMNS WHERE {_HERE}",
    "index": "SELECT concat(TABLE_NAME, '.', INDEX_NAME), concat(IF(NON_UNIQUE, '', 'UNIQUE '), "
    "MAX(INDEX_TYPE), ' ', group_concat(concat_ws(':', COLUMN_NAME, SUB_PART) "
    "ORDER BY SEQ_IN_INDEX)) FROM information_schema.STATISTICS "
    f"WHERE {_HERE} GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE",
    "constraint": "SELECT concat(k.TABLE_NAME, '.', k.CONSTRAINT_NAME), concat('FOREIGN KEY (', "
    "group_concat(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION), ') REFERENCES ', "
    "k.REFERENCED_TABLE_NAME, '(', group_concat(k.REFERENCED_COLUMN_NAME "
    "ORDER BY k.ORDINAL_POSITION), ')', IF(MAX(r.DELETE_RULE) IN ('NO ACTION', 'RESTRICT'), '', "
    "concat(' ON DELETE ', MAX(r.DELETE_RULE))), IF(MAX(r.UPDATE_RULE) IN ('NO ACTION', "
    "'RESTRICT'), '', concat(' ON UPDATE ', MAX(r.UPDATE_RULE)))) "
    "FROM information_schema.KEY_COLUMN_USAGE k "
    "JOIN information_schema.REFERENTIAL_CONSTRAINTS r "
    "ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME "
    "AND r.TABLE_NAME = k.TABLE_NAME "
    "WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL "
    "GROUP BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_NAME",
    "trigger": "SELECT TRIGGER_NAME, concat_ws(' ', ACTION_TIMING, EVENT_MANIPULATION, "
    "EVENT_OBJECT_TABLE, ACTION_STATEMENT) FROM information_schema.TRIGGERS "
    "WHERE TRIGGER_SCHEMA = DATABASE()",
    "view": f"SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE {_HERE}",
    "function": "SELECT concat(ROUTINE_TYPE, ' ', ROUTINE_NAME), ROUTINE_DEFINITION "
    "FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()",
}
MARIADB_CHECKS = (
    "SELECT concat(TABLE_NAME, '.', CONSTRAINT_NAME), concat('CHECK (', CHECK_CLAUSE, ')') "
    "FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"
)


def read_schema(connection, left_out):
    """Return `kind name` → definition of everything in the database, without one table."""
    name = connection.dialect.name
    if name == "sqlite":
        found = sqlite_schema(connection)
    elif name == "postgresql":
        found = catalogue(connection, POSTGRESQL)
    elif name in ("mysql", "mariadb"):
        queries = dict(MYSQL)
        if getattr(connection.dialect, "is_mariadb", name == "mariadb"):
            queries["check"] = MARIADB_CHECKS
        found = catalogue(connection, queries)
    else:
        raise RuntimeError(f"{name} is no database that can be compared")
    own = re.compile(r"\w+ (?:\w+\.)?" + re.escape(left_out) + r"(?:[._ ].*)?", re.DOTALL)
    return {key: text for key, text in found.items() if not own.fullmatch(key)}


def catalogue(connection, queries):
    """Return what the queries tell: each has a name and a definition in a row."""
    found = {}
    for kind, query in queries.items():
        for name, text in fetched(connection, query):  # noqa: F821 - of the text in front
            found[f"{kind} {name}"] = " ".join(str(text).split())
    return found


def sqlite_schema(connection):
    """Return the schema of a SQLite file; how a statement was written does not count."""
    found = {}
    for kind, name, table, sql in fetched(  # noqa: F821 - of the text in front
        connection, "SELECT type, name, tbl_name, sql FROM sqlite_master"
    ):
        if name.lower().startswith("sqlite_"):
            continue
        if kind == "table":
            # All of it follows from the statement, so that an unchanged table is read once.
            if (name, sql) not in SQLITE_TABLES:
                SQLITE_TABLES[name, sql] = {}
                sqlite_table(connection, name, str(sql), SQLITE_TABLES[name, sql])
            found.update(SQLITE_TABLES[name, sql])
        elif kind == "index":
            text = " ".join(str(sql).split()).replace('"', "").replace(" (", "(")
            found[f"index {table}.{name}"] = text
        else:
            found[f"{kind} {name}"] = " ".join(str(sql).split())
    return found


def sqlite_table(connection, name, sql, found):
    """Add one table: columns, keys, constraints; those without a name by what they say."""
    quoted = '"' + name.replace('"', '""') + '"'
    without = re.search(r"\)\s*([^()]*)$", sql)
    found[f"table {name}"] = " ".join(without.group(1).upper().split()) if without else ""
    for row in fetched(connection, f"PRAGMA table_xinfo({quoted})"):  # noqa: F821
        default = "" if row[4] is None else f" DEFAULT {row[4]}"
        key = f" PRIMARY KEY {row[5]}" if row[5] else ""
        null = " NOT NULL" if row[3] else ""
        found[f"column {name}.{row[1]}"] = f"{row[2].upper()}{null}{default}{key}"
    keys = {}
    for row in fetched(connection, f"PRAGMA foreign_key_list({quoted})"):  # noqa: F821
        keys.setdefault(row[0], []).append(row)
    for rows in keys.values():
        rows.sort(key=lambda row: row[1])
        own = ", ".join(str(row[3]) for row in rows)
        other = ", ".join(str(row[4]) for row in rows if row[4])
        text = f"FOREIGN KEY ({own}) REFERENCES {rows[0][2]}({other})"
        text += "" if rows[0][6] == "NO ACTION" else f" ON DELETE {rows[0][6]}"
        text += "" if rows[0][5] == "NO ACTION" else f" ON UPDATE {rows[0][5]}"
        found[f"constraint {name}: {text}"] = text
    for row in fetched(connection, f"PRAGMA index_list({quoted})"):  # noqa: F821
        if row[3] == "u":
            inside = '"' + row[1].replace('"', '""') + '"'
            columns = fetched(connection, f"PRAGMA index_info({inside})")  # noqa: F821
            text = f"UNIQUE ({', '.join(str(one[2]) for one in columns)})"
            found[f"constraint {name}: {text}"] = text
    for text in check_clauses(sql):
        found[f"constraint {name}: {text}"] = text


def check_clauses(sql):
    """Return the CHECK clauses of a CREATE TABLE, which no pragma tells."""
    found = []
    for match in re.finditer(r"\bCHECK\s*\(", sql, re.IGNORECASE):
        depth, place = 1, match.end()
        while depth and place < len(sql):
            depth += {"(": 1, ")": -1}.get(sql[place], 0)
            place += 1
        found.append(f"CHECK ({' '.join(sql[match.end() : place - 1].split())})")
    return found


def new_objects(before, after):
    """Return a line for every table that was not there, and every constraint as it was not there.

    All of each: rules are held against them.
    """
    found = []
    for key, text in sorted(after.items()):
        new = key not in before
        if (new and key.startswith("table ")) or (
            key.startswith("constraint ") and (new or before[key] != text)
        ):
            found.append(f"additional: {key} {text}")
    return found


def indexes_of(schema, before=()):
    """Return the indexes that were not there before, and their tables, where the text says it."""
    found = {}
    for key, text in schema.items():
        match = re.search(r" ON (?:ONLY )?(\S+) USING ", text)
        if key.startswith("index ") and key not in before and match:
            found[key[6:]] = match.group(1)
    return found


def schema_difference(before, after):
    """Return a line for everything that `after` does not have as `before` has it."""
    lines = [f"missing: {key} {text}" for key, text in before.items() if key not in after]
    lines += [f"additional: {key} {text}" for key, text in after.items() if key not in before]
    lines += [
        f"another: {key} {after[key]}, and was {text}"
        for key, text in before.items()
        if key in after and after[key] != text
    ]
    return [line[:300] for line in sorted(lines)]


def shown(lines):
    """Return the first lines, and how many there are beside them."""
    more = len(lines) - LINES_CAP
    return [*lines[:LINES_CAP], f"and {more} more"] if more > 0 else lines


def read_rows(connection, left_out, previous=None, whole=True):
    """Return table → what is known of its rows; `previous` is what was returned before a step.

    `whole` says whether all values are compared, or keys alone where there are any.
    """
    import sqlalchemy

    inspector = sqlalchemy.inspect(connection)
    schemas = [None]
    if connection.dialect.name == "postgresql":
        known = [one for one in inspector.get_schema_names() if not one.startswith("pg_")]
        schemas = [one for one in known if one != "information_schema"]
    found = {}
    for schema in schemas:
        for name in inspector.get_table_names(schema=schema):
            if name != left_out:
                key = inspector.get_pk_constraint(name, schema=schema).get("constrained_columns")
                label = f"{schema}.{name}" if schema not in (None, "public") else name
                table = Table(connection, schema, name, tuple(key or ()))
                found[label] = table.rows(whole, (previous or {}).get(label))
    return found


class Table:
    """One table whose rows are compared: a small one is read, of a large one digests are."""

    def __init__(self, connection, schema, name, key):
        """Keep how it is written in a statement."""
        self.connection = connection
        self.quote = connection.dialect.identifier_preparer.quote
        self.text = f"{self.quote(schema)}.{self.quote(name)}" if schema else self.quote(name)
        self.key = key

    def rows(self, whole, previous):
        """Return number, keys of a small table, digests of keys and rows, last key of a large one.

        `lines` are the rows of a small table without a key; `marked` says whether `mark` stands for
        all values. `missing` is how many keys of `previous` are gone, at least; `unsure` whether
        that is not known. Where the table has another key than in `previous`, `former` are the keys
        of a small one by the old one; `other` says that this cannot be: a column of it is gone.
        """
        count = fetched(self.connection, f"SELECT count(*) FROM {self.text}")[0][0]  # noqa: F821
        found = {"rows": count, "keys": None, "digest": None, "mark": 0, "last": None}
        found.update(lines=None, marked=count <= ROW_CAP or whole or not self.key)
        found.update(columns=sorted(self.names()), missing=0, unsure=False, key=self.key)
        old = previous["key"] if previous and self.key else ()
        stays = bool(old) and set(old) <= set(self.columns)
        self.former = old if stays else self.key
        found.update(former=None, other=bool(old) and not stays)
        if count > ROW_CAP:
            self.large(found, whole, previous)
            return found
        keys, former, lines = set(), set(), collections.Counter()
        places, order = self.places(self.key), self.places(found["columns"])
        before = self.places(self.former)
        for row in self.read("*"):
            values = [plain(value) for value in row]
            line = hashed([values[place] for place in order])
            found["mark"] = (found["mark"] + line) % (1 << 64)
            if places:
                keys.add(identity([values[place] for place in places]))
                former.add(identity([values[place] for place in before]))
            else:
                lines[line] += 1
        found["keys"], found["lines"] = (keys, None) if places else (None, lines)
        found["former"] = former if places else None
        return found

    def names(self):
        """Return the columns in the table's order."""
        execute = getattr(self.connection, "exec_driver_sql", None) or self.connection.execute
        result = execute(f"SELECT * FROM {self.text} WHERE 1 = 0")
        self.columns = list(result.keys())
        result.close()
        return self.columns

    def places(self, names):
        """Return where some columns are in a row."""
        return [self.columns.index(one) for one in names if one in self.columns]

    def read(self, what, options=None):
        """Return rows."""
        text = f"SELECT {what} FROM {self.text}"
        execute = getattr(self.connection, "exec_driver_sql", None)
        if execute is None:
            return self.connection.execute(text)
        return execute(text, execution_options=options) if options else execute(text)

    def large(self, found, whole, previous):
        """Fill in the digests of a table that is not read, and compare its keys with before."""
        if whole or not self.key:
            found["mark"] = self.digest(found["columns"])
        if not self.key:
            return
        found["digest"] = self.digest(self.key)
        if len(self.key) == 1:
            found["last"] = self.highest()
        if previous is None or found["rows"] < previous["rows"]:
            return
        if previous["keys"] is not None:
            left = set(previous["keys"])
            names = ", ".join(self.quote(one) for one in self.former)
            for row in self.read(names, {"stream_results": True}):
                left.discard(identity([plain(value) for value in row]))
            found["missing"] = len(left)
        elif previous["digest"] is not None:
            same = self.former == self.key
            if previous["digest"] == (found["digest"] if same else self.digest(self.former)):
                return
            if found["rows"] == previous["rows"]:
                found["missing"] = 1  # as many, and others
            else:
                last, digest = previous["last"], previous["digest"]
                found["unsure"] = last is None or self.digest(self.former, last) != digest

    def highest(self):
        """Return the last key, `None` of a type that has no order, such as uuid for long."""
        text = f"SELECT max({self.quote(self.key[0])}) FROM {self.text}"
        if self.connection.dialect.name != "postgresql":
            return fetched(self.connection, text)[0][0]  # noqa: F821
        with contextlib.suppress(Exception), self.connection.begin_nested():
            return fetched(self.connection, text)[0][0]  # noqa: F821
        return None

    def digest(self, columns, last=None):
        """Return a number that stands for the values of some columns, computed by the server.

        With `last` only rows up to that key count.
        """
        import sqlalchemy

        names = [self.quote(one) for one in columns]
        dialect = self.connection.dialect.name
        if dialect == "sqlite":
            return self.streamed(columns, last)
        if dialect == "postgresql":
            one = f"hashtextextended(ROW({', '.join(names)})::text, 0)::numeric"
        else:
            values = ", ".join(f"IFNULL(MD5(CAST({name} AS BINARY)), '-')" for name in names)
            one = f"CAST(CONV(LEFT(MD5(CONCAT_WS(',', {values})), 16), 16, 10) AS DECIMAL(20))"
        text = f"SELECT sum({one}) FROM {self.text}".replace(":", "\\:")
        if last is None:
            return int(self.connection.execute(sqlalchemy.text(text)).fetchone()[0] or 0)
        text += f" WHERE {self.quote(columns[0])} <= :last"
        value = self.connection.execute(sqlalchemy.text(text), {"last": last}).fetchone()[0]
        return int(value or 0)

    def streamed(self, columns, last):
        """Return the same of SQLite, which has no such function; nothing is kept."""
        import sqlalchemy

        names = ", ".join(self.quote(one) for one in columns)
        text = f"SELECT {names} FROM {self.text}".replace(":", "\\:")
        parameters = {}
        if last is not None:
            text += f" WHERE {self.quote(columns[0])} <= :last"
            parameters = {"last": last}
        total = 0
        for row in self.connection.execute(sqlalchemy.text(text), parameters):
            total = (total + hashed([plain(value) for value in row])) % (1 << 64)
        return total


def plain(value):
    """Return a value whose text is the same wherever it lies in memory."""
    return bytes(value) if isinstance(value, memoryview) else value


def hashed(values):
    """Return 64 bits that stand for some values."""
    return int.from_bytes(hashlib.blake2b(repr(values).encode(), digest_size=8).digest(), "big")


def identity(values):
    """Return the same of a key, whatever type its columns have: a key may become a text."""
    return hashed([str(value) for value in values])


def gone(one, now):
    """Return how many keys are gone, at least."""
    if one["keys"] is not None and now["former"] is not None:
        return len(one["keys"] - now["former"])
    return now["missing"]


def losses(before, after):
    """Return what a step lost, as `{table, before, after, keys}`; a renamed table lost nothing."""
    new = {name: one for name, one in after.items() if name not in before}
    found = []
    for name, one in before.items():
        now = after.get(name)
        if now is None and one["rows"]:
            moved = next((other for other, two in new.items() if same_keys(one, two)), None)
            if moved is not None:
                new.pop(moved)
                continue
        count = now["rows"] if now is not None else 0
        lost = gone(one, now) if now is not None and not now["other"] else 0
        if count < one["rows"] or lost:
            found.append({"table": name, "before": one["rows"], "after": count, "keys": lost})
    return found


def doubts(before, after):
    """Return the tables that are not compared by keys: those with other rows, and those counted.

    Their rows are as many or more. Where columns are the same, all rows have to be there; where
    they are not, a table that had no key is counted, and one that had a key is in doubt.
    """
    other, counted = [], []
    for name, one in sorted(before.items()):
        now = after.get(name)
        if now is None or not one["rows"] or now["rows"] < one["rows"]:
            continue
        had, has = ([side["keys"], side["digest"]] != [None, None] for side in (one, now))
        if had and has:
            if now["other"] and gone(one, now):
                other.append(name)
            continue
        if one["columns"] != now["columns"]:
            (other if had else counted).append(name)
        elif not same_lines(one, now):
            other.append(name)
    return other, counted


def same_lines(one, now):
    """Return whether every row of a table is still there, by all of its values."""
    if one["lines"] is not None and now["lines"] is not None:
        return not one["lines"] - now["lines"]
    # A table that is read is marked otherwise than one of which the server makes digests.
    alike = (one["rows"] > ROW_CAP) == (now["rows"] > ROW_CAP)
    same = one["rows"] == now["rows"] and one["mark"] == now["mark"]
    return alike and one["marked"] and now["marked"] and same


def same_keys(one, two):
    """Return whether two tables have rows with the same keys."""
    if one["rows"] != two["rows"]:
        return False
    for what in ("keys", "digest"):
        if one[what] is not None:
            return one[what] == two[what]
    return one["mark"] == two["mark"]


def changed_rows(before, after):
    """Return the tables whose rows are not what they were."""
    found = []
    for name, one in before.items():
        now = after.get(name)
        same = now is not None and now["rows"] == one["rows"] and now["mark"] == one["mark"]
        if not same and one["rows"]:
            found.append(name)
    return sorted(found)
