"""Foreign keys of PostgreSQL, from `pg_constraint` itself (notes on databases 2.1).

Copies on partitions (`conparentid`) are left out: auditing one of them finds false orphans.
`to_jsonb` reads columns that older servers do not have.
"""

from typing import Any

from readiness_gate.database.catalogue.foreign_key import ForeignKey, readable
from readiness_gate.database.session import Session

_ACTIONS = {
    "a": "NO ACTION",
    "r": "RESTRICT",
    "c": "CASCADE",
    "n": "SET NULL",
    "d": "SET DEFAULT",
}
_KEYS = """
SELECT c.oid::bigint, n.nspname::text, t.relname::text, c.conname::text,
       own.names, pn.nspname::text, p.relname::text, other.names,
       c.confdeltype::text, c.confupdtype::text, c.confmatchtype::text,
       own.nullable, own.has_default, c.condeferrable, c.condeferred, c.convalidated,
       coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true),
       coalesce((to_jsonb(c) ->> 'conperiod')::boolean, false),
       ARRAY(SELECT a.attname::text
             FROM jsonb_array_elements_text(
                    CASE jsonb_typeof(to_jsonb(c) -> 'confdelsetcols')
                      WHEN 'array' THEN to_jsonb(c) -> 'confdelsetcols' ELSE '[]' END
                  ) AS s(number)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = s.number::int2),
       t.relkind = 'p', p.relkind = 'p',
       ARRAY(SELECT a.attname::text
             FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number
             WHERE i.indrelid = c.conrelid AND i.indisprimary ORDER BY k.place),
       ARRAY(SELECT format('OPERATOR(%I.%s)', s.nspname, o.oprname)
             FROM unnest(c.conpfeqop) WITH ORDINALITY AS k(operator, place)
             JOIN pg_operator o ON o.oid = k.operator
             JOIN pg_namespace s ON s.oid = o.oprnamespace ORDER BY k.place),
       ARRAY(SELECT CASE WHEN pa.attcollation <> ca.attcollation
                              AND pa.attcollation <> 0 AND ca.attcollation <> 0
                         THEN (SELECT format(' COLLATE %I.%I', s.nspname, l.collname)
                               FROM pg_collation l JOIN pg_namespace s ON s.oid = l.collnamespace
                               WHERE l.oid = pa.attcollation)
                         ELSE '' END
             FROM unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, other, place)
             JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.own
             JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.other
             ORDER BY k.place),
       EXISTS (SELECT 1 FROM pg_index i
               WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indpred IS NULL
                 AND (i.indkey::int2[])[0:array_length(c.conkey, 1) - 1] @> c.conkey)
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class p ON p.oid = c.confrelid
JOIN pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY k.place) AS names,
           array_agg(NOT a.attnotnull ORDER BY k.place) AS nullable,
           array_agg(a.atthasdef ORDER BY k.place) AS has_default
    FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) own
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY k.place) AS names
    FROM unnest(c.confkey) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) other
WHERE c.contype = 'f' AND c.conparentid = 0 AND NOT pg_is_other_temp_schema(t.relnamespace)
ORDER BY n.nspname, t.relname, c.conname
"""
_DISABLED = """
WITH RECURSIVE family AS (
    SELECT oid AS root, oid FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
    UNION ALL
    SELECT f.root, c.oid FROM pg_constraint c JOIN family f ON c.conparentid = f.oid)
SELECT f.root::bigint, n.nspname::text, t.relname::text, g.tgname::text
FROM family f
JOIN pg_trigger g ON g.tgconstraint = f.oid
JOIN pg_class t ON t.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE g.tgisinternal AND g.tgenabled NOT IN ('O', 'A')
ORDER BY n.nspname, t.relname, g.tgname
"""


def foreign_keys(session: Session) -> tuple[ForeignKey, ...]:
    """Return the foreign keys of every schema that is not another session's temporary one."""
    disabled: dict[int, list[str]] = {}
    for root, schema, table, trigger in session.rows(_DISABLED):
        disabled.setdefault(root, []).append(f"{readable(schema, table)}: {trigger}")
    return tuple(_foreign_key(row, disabled) for row in session.rows(_KEYS))


def _foreign_key(row: tuple[Any, ...], disabled: dict[int, list[str]]) -> ForeignKey:
    return ForeignKey(
        schema=row[1],
        table=row[2],
        name=row[3],
        columns=tuple(row[4]),
        referenced_schema=row[5],
        referenced_table=row[6],
        referenced_columns=tuple(row[7]),
        on_delete=_ACTIONS[row[8]],
        on_update=_ACTIONS[row[9]],
        match="FULL" if row[10] == "f" else "SIMPLE",
        nullable=tuple(row[11]),
        has_default=tuple(row[12]),
        deferrable=row[13],
        deferred=row[14],
        validated=row[15],
        enforced=row[16],
        problem="PERIOD keys cannot be audited yet" if row[17] else "",
        set_columns=tuple(row[18]),
        partitioned=row[19],
        referenced_partitioned=row[20],
        primary_key=tuple(row[21]),
        operators=tuple(row[22]),
        collations=tuple(row[23]),
        indexed=row[24],
        disabled_triggers=tuple(disabled.get(row[0], ())),
    )
