import pytest

from readiness_gate.migrations.lint import RULE_IDS, RULES, lint, new_keys
from readiness_gate.migrations.statements import bare, normal, unread

TABLES = ("public.users", "orders", "a b")

FOUND = [
    ("postgresql", "DROP TABLE users", "drop-table"),
    ("mysql", "DROP TABLE IF EXISTS `orders`", "drop-table"),
    ("sqlite", 'DROP TABLE "a b"', "drop-table"),
    ("postgresql", "ALTER TABLE users DROP COLUMN name", "drop-column"),
    ("postgresql", 'ALTER TABLE ONLY public."users" DROP "name"', "drop-column"),
    ("mysql", "ALTER TABLE orders ADD COLUMN x INTEGER, DROP COLUMN y", "drop-column"),
    ("sqlite", "ALTER TABLE users RENAME TO people", "rename-table"),
    ("postgresql", "ALTER TABLE users RENAME name TO title", "rename-column"),
    ("mysql", "ALTER TABLE users RENAME COLUMN name TO title", "rename-column"),
    ("postgresql", "ALTER TABLE users ALTER COLUMN x TYPE BIGINT", "change-column-type"),
    ("mysql", "ALTER TABLE users MODIFY x BIGINT NULL", "change-column-type"),
    ("mysql", "ALTER TABLE users CHANGE x y BIGINT NULL", "change-column-type"),
    (
        "postgresql",
        "ALTER TABLE users ADD COLUMN x INTEGER NOT NULL",
        "required-column-without-default",
    ),
    (
        "postgresql",
        "ALTER TABLE users ADD COLUMN x UUID DEFAULT gen_random_uuid() NOT NULL",
        "volatile-default",
    ),
    ("postgresql", "ALTER TABLE users ALTER COLUMN x SET NOT NULL", "set-not-null"),
    ("postgresql", "CREATE UNIQUE INDEX ix ON users (x)", "index-not-concurrent"),
    (
        "postgresql",
        "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY(x) REFERENCES users (id)",
        "foreign-key-validated-at-once",
    ),
    (
        "mysql",
        "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY(x) REFERENCES users (id)",
        "foreign-key-copies-table",
    ),
    ("postgresql", "ALTER TABLE users ADD CONSTRAINT c CHECK (x > 0)", "check-validated-at-once"),
    (
        "postgresql",
        "ALTER TABLE users ADD CONSTRAINT u UNIQUE (x)",
        "unique-constraint-builds-index",
    ),
    ("postgresql", "TRUNCATE TABLE users", "truncate"),
    ("sqlite", "UPDATE users SET x = 1", "all-rows"),
    ("mysql", "DELETE FROM `users`", "all-rows"),
]

CLEAN = [
    ("postgresql", "DROP TABLE made_here"),
    ("postgresql", "ALTER TABLE users DROP CONSTRAINT fk"),
    ("postgresql", "ALTER TABLE users ALTER COLUMN x DROP NOT NULL"),
    ("mysql", "ALTER TABLE users DROP INDEX ix"),
    ("mysql", "ALTER TABLE users DROP FOREIGN KEY fk"),
    ("postgresql", "ALTER TABLE users ADD COLUMN x INTEGER"),
    ("postgresql", "ALTER TABLE users ADD COLUMN x INTEGER DEFAULT 1 NOT NULL"),
    ("postgresql", "CREATE INDEX CONCURRENTLY ix ON users (x)"),
    ("sqlite", "CREATE INDEX ix ON users (x)"),
    (
        "postgresql",
        "ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY(x) REFERENCES users (id) NOT VALID",
    ),
    ("postgresql", "ALTER TABLE orders VALIDATE CONSTRAINT fk"),
    ("postgresql", "ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX ix"),
    ("postgresql", "ALTER TABLE users RENAME CONSTRAINT a TO b"),
    ("postgresql", "UPDATE users SET x = 1 WHERE x IS NULL"),
    ("postgresql", "INSERT INTO users VALUES ('DROP TABLE users')"),
    ("postgresql", "SELECT 1 -- DROP TABLE users\n"),
    ("postgresql", "CREATE TABLE x (id INTEGER NOT NULL)"),
]


@pytest.mark.parametrize(("dialect", "statement", "rule"), FOUND)
def test_a_statement_that_hurts_a_table_in_use_is_found(
    dialect: str, statement: str, rule: str
) -> None:
    found = [each.rule for each in lint("r", [statement], dialect=dialect, tables=TABLES)]
    assert found == [rule]


@pytest.mark.parametrize(("dialect", "statement"), CLEAN)
def test_what_hurts_nobody_is_no_finding(dialect: str, statement: str) -> None:
    assert list(lint("r", [statement], dialect=dialect, tables=TABLES)) == []


def test_every_rule_has_a_statement_that_it_finds() -> None:
    assert {rule for _, _, rule in FOUND} == {rule.id for rule in RULES}
    assert {rule for _, _, rule in FOUND} < RULE_IDS


def test_a_statement_over_several_lines_is_one() -> None:
    text = "\nALTER TABLE users -- later\n  DROP COLUMN /* and */ name\n"
    assert normal(text) == "ALTER TABLE users DROP COLUMN name"
    assert [each.table for each in lint("r", [text], dialect="postgresql", tables=TABLES)] == [
        "users"
    ]


def test_a_string_holds_no_comment_and_a_comment_no_string() -> None:
    text = "UPDATE users SET x = '--', y = '/*' WHERE id = 1"
    assert normal(text) == "UPDATE users SET x = '', y = '' WHERE id = 1"
    assert list(lint("r", [text], dialect="postgresql", tables=TABLES)) == []
    assert normal("SELECT 1 -- it's\nFROM \"a--b\" /* ' */") == 'SELECT 1 FROM "a--b"'
    assert normal("DO $f$ DROP TABLE users; -- $f$") == "DO $$ $$"
    assert normal("SELECT '\ue000s9\ue001', \ue000s9\ue001") == "SELECT '', ?s9\ue001"


def test_several_statements_sent_at_once_are_each_judged() -> None:
    text = "CREATE TABLE n (id int); DROP TABLE users;\nTRUNCATE orders;"
    found = [each.rule for each in lint("r", [text], dialect="postgresql", tables=TABLES)]
    assert found == ["drop-table", "truncate"]


@pytest.mark.parametrize(
    ("dialect", "statement", "found"),
    [
        ("postgresql", "DO $$ BEGIN DROP TABLE users; END $$", ["drop-table"]),
        (
            "postgresql",
            (
                "DO $f$ BEGIN IF EXISTS (SELECT 1) THEN DROP TABLE users; "
                "ELSE TRUNCATE orders; END IF; END $f$ LANGUAGE plpgsql"
            ),
            ["drop-table", "truncate"],
        ),
        (
            "postgresql",
            "DO LANGUAGE plpgsql $$ DECLARE n int; BEGIN n := 1; DELETE FROM users; END $$",
            ["all-rows"],
        ),
        ("postgresql", "DO 'BEGIN DROP TABLE users; END'", ["drop-table"]),
        (
            "postgresql",
            "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$",
            ["drop-table"],
        ),
        (
            "postgresql",
            "DO $$ BEGIN FOR i IN 1..2 LOOP UPDATE users SET x = 1; END LOOP; END $$; SELECT 1",
            ["all-rows"],
        ),
        ("postgresql", "DROP TABLE made_here, users", ["drop-table"]),
        (
            "postgresql",
            'DROP TABLE IF EXISTS tmp, public."users", orders CASCADE',
            ["drop-table"] * 2,
        ),
        ("postgresql", "TRUNCATE tmp, ONLY users RESTART IDENTITY", ["truncate"]),
        ("postgresql", "TRUNCATE TABLE tmp *, users", ["truncate"]),
        ("mysql", "DROP TABLE tmp, `users`", ["drop-table"]),
        ("mysql", "DROP TABLES tmp, users", ["drop-table"]),
        ("mysql", "RENAME TABLE tmp TO a, users TO b, shop.`orders` TO c", ["rename-table"] * 2),
        ("mysql", "RENAME TABLES IF EXISTS users WAIT 5 TO b, tmp TO users", ["rename-table"]),
        ("mysql", "RENAME TABLE tmp TO users", []),
        ("mysql", "ALTER TABLE users RENAME people", ["rename-table"]),
        ("mysql", "ALTER TABLE users ADD x int, RENAME AS `people`", ["rename-table"]),
        ("mysql", "ALTER TABLE users RENAME COLUMN x TO y", ["rename-column"]),
        ("mysql", "ALTER TABLE users RENAME INDEX x TO y, RENAME KEY v TO w", []),
        (
            "postgresql",
            "DO $$ BEGIN FOR r IN EXECUTE 'DELETE FROM users RETURNING 1' LOOP END LOOP; END $$",
            ["all-rows"],
        ),
        (
            "postgresql",
            "DO $$ BEGIN EXECUTE format('DROP TABLE users CASCADE', x); END $$",
            ["drop-table"],
        ),
        ("postgresql", r"SELECT E'it\'s'; DROP TABLE users; SELECT 'x'", ["drop-table"]),
        ("mysql", r"SELECT 'it\'s'; DROP TABLE users; SELECT 'x'", ["drop-table"]),
        ("postgresql", r"SELECT 'a\'; DROP TABLE users; SELECT 'x'", ["drop-table"]),
        ("postgresql", "/* a /* b */ c */ DROP TABLE users", ["drop-table"]),
        ("mysql", "/* a /* b */ DROP TABLE users", ["drop-table"]),
        ("sqlite", "/* a /* b */ DROP TABLE users", ["drop-table"]),
        (
            "postgresql",
            "WITH x AS (SELECT 1 FROM orders WHERE id = 1) DELETE FROM users",
            ["all-rows"],
        ),
        (
            "sqlite",
            "WITH RECURSIVE x(a) AS (SELECT 1), y AS (SELECT 2 WHERE 1) UPDATE users SET a = 1",
            ["all-rows"],
        ),
        (
            "postgresql",
            "WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone WHERE id = 1",
            ["all-rows"],
        ),
        ("postgresql", "UPDATE users SET x = (SELECT 1 FROM orders WHERE id = 2)", ["all-rows"]),
        ("mysql", "# it's a comment\nDROP TABLE users", ["drop-table"]),
        ("mysql", "/*!40000 DROP TABLE users */", ["drop-table"]),
        ("mysql", "DROP /*! TABLE */ /*M!100100 users */", ["drop-table"]),
        ("postgresql", "WITH x AS (SELECT 1) DELETE FROM users WHERE id IN (SELECT 1)", []),
        ("postgresql", "SELECT a # b FROM users; SELECT '# DROP TABLE users'", []),
        (
            "postgresql",
            "CREATE FUNCTION f() RETURNS void AS $$ DROP TABLE users; $$ LANGUAGE sql",
            [],
        ),
    ],
)
def test_what_hurts_is_found_in_whatever_it_stands(
    dialect: str, statement: str, found: list[str]
) -> None:
    told = [each.rule for each in lint("r", [statement], dialect=dialect, tables=TABLES)]
    assert told == found


def test_a_batch_of_sqlite_drops_nothing() -> None:
    batch = [
        "CREATE TABLE _alembic_tmp_users (id INTEGER)",
        "INSERT INTO _alembic_tmp_users (id) SELECT users.id FROM users",
        "DROP TABLE users",
        "ALTER TABLE _alembic_tmp_users RENAME TO users",
    ]
    assert list(lint("r", batch, dialect="sqlite", tables=TABLES)) == []
    found = [each.rule for each in lint("r", batch[2:3], dialect="sqlite", tables=TABLES)]
    assert found == ["drop-table"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (
            "additional: constraint public.b.fk FOREIGN KEY (a) REFERENCES a(id)",
            "public.b.fk",
        ),
        (
            (
                "additional: constraint b: FOREIGN KEY (a) REFERENCES a(id) FOREIGN KEY (a) "
                "REFERENCES a(id)"
            ),
            "b",
        ),
    ],
)
def test_a_new_key_says_what_a_delete_does(line: str, name: str) -> None:
    assert [each.table for each in new_keys("r", [line], [])] == [name]
    assert list(new_keys("r", [f"{line} ON DELETE CASCADE"], [])) == []
    spoken = ["ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a (id) ON DELETE NO ACTION"]
    assert list(new_keys("r", [line], spoken)) == []
    assert list(new_keys("r", ["additional: column b.x INTEGER"], [])) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("public.users", "users"), ('"My Schema"."a b"', "a b"), ("`x`", "x"), ("t", "t")],
)
def test_a_bare_name_has_neither_schema_nor_quotes(name: str, expected: str) -> None:
    assert bare(name) == expected


@pytest.mark.parametrize(
    ("dialect", "statement", "shown"),
    [
        (
            "postgresql",
            "DO $$ DECLARE t text; BEGIN EXECUTE format('DROP TABLE %I', t); END $$",
            "EXECUTE format('', t)",
        ),
        ("postgresql", "DO $$ BEGIN EXECUTE 'DROP TABLE ' || t; END $$", "EXECUTE '' || t"),
        ("postgresql", "DO $$ BEGIN IF a THEN EXECUTE t; END IF; END $$", "EXECUTE t"),
        (
            "postgresql",
            "DO $$ BEGIN FOR r IN EXECUTE t LOOP NULL; END LOOP; END $$",
            "EXECUTE t LOOP",
        ),
        (
            "postgresql",
            "DO $$ BEGIN EXECUTE 'DO $f$ BEGIN EXECUTE t; END $f$'; END $$",
            "EXECUTE t",
        ),
        ("postgresql", "DO 'BEGIN EXECUTE t; END'", "EXECUTE t"),
        ("mysql", "SET @s = 'DROP TABLE users'; PREPARE one FROM @s; EXECUTE one", "PREPARE one"),
        ("mysql", "EXECUTE IMMEDIATE CONCAT('DROP TABLE ', @t)", "EXECUTE IMMEDIATE CONCAT"),
    ],
)
def test_a_statement_put_together_as_it_runs_cannot_be_read(
    dialect: str, statement: str, shown: str
) -> None:
    (found,) = unread([statement], dialect=dialect)
    assert found.startswith(shown)


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        (
            "postgresql",
            "DO $$ BEGIN EXECUTE 'UPDATE users SET x = 1 WHERE id = $1' USING 1; END $$",
        ),
        ("postgresql", "DO $$ BEGIN EXECUTE 'SELECT 1' INTO STRICT x USING y; END $$"),
        ("postgresql", "DO $$ BEGIN EXECUTE $f$DROP TABLE tmp$f$; END $$"),
        ("postgresql", "DO $$ BEGIN FOR r IN EXECUTE 'SELECT 1' LOOP NULL; END LOOP; END $$"),
        ("postgresql", "DO $$ BEGIN RAISE NOTICE 'EXECUTE this'; -- EXECUTE that\n END $$"),
        ("postgresql", "CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION f()"),
        (
            "postgresql",
            "DO $$ BEGIN CREATE TRIGGER t AFTER INSERT ON u EXECUTE PROCEDURE f(); END $$",
        ),
        ("postgresql", "DO $$ BEGIN GRANT EXECUTE ON FUNCTION f() TO x; END $$"),
        (
            "postgresql",
            "CREATE FUNCTION f() RETURNS void AS $$ BEGIN EXECUTE t; END $$ LANGUAGE plpgsql",
        ),
        ("mysql", "PREPARE one FROM 'SELECT 1'"),
        ("mysql", "EXECUTE IMMEDIATE 'SELECT 1'"),
        ("sqlite", "INSERT INTO users VALUES ('EXECUTE t')"),
    ],
)
def test_a_statement_that_stands_there_can_be_read(dialect: str, statement: str) -> None:
    assert list(unread([statement], dialect=dialect)) == []


@pytest.mark.parametrize("start", ["PREPARE one FROM", "EXECUTE IMMEDIATE"])
def test_a_text_that_mysql_runs_is_judged(start: str) -> None:
    text = f"{start} 'DROP TABLE users'"
    assert [each.rule for each in lint("r", [text], dialect="mysql", tables=TABLES)] == [
        "drop-table"
    ]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            (
                "CREATE TABLE b (x int, FOREIGN KEY(x) REFERENCES a (id) ON DELETE NO ACTION, "
                "FOREIGN KEY(y) REFERENCES a (id))"
            ),
            ["y"],
        ),
        (
            (
                "CREATE TABLE b (x int, FOREIGN KEY(x) REFERENCES a (id), "
                'CONSTRAINT k FOREIGN KEY("y") REFERENCES public.a (id) ON UPDATE CASCADE '
                "ON DELETE NO ACTION DEFERRABLE)"
            ),
            ["x"],
        ),
        ("CREATE TABLE b (x int REFERENCES a (id) ON DELETE NO ACTION, y int)", []),
        ("CREATE TABLE b (x int REFERENCES c (id) ON DELETE NO ACTION, y int)", ["x", "y"]),
        ("SELECT 'REFERENCES a (id) ON DELETE NO ACTION'", ["x", "y"]),
    ],
)
def test_no_action_is_said_of_the_key_that_says_it(statement: str, told: list[str]) -> None:
    new = [
        f"additional: constraint public.b.{one} FOREIGN KEY ({one}) REFERENCES a(id)"
        for one in "xy"
    ]
    assert [one.table for one in new_keys("r", new, [statement])] == [
        f"public.b.{one}" for one in told
    ]
