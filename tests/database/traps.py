"""Schemas in which the naive audit is wrong (notes on databases 2.1 to 2.3)."""

POSTGRESQL = """
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO customers VALUES (1, 'a'), (2, 'b');

-- orphans behind a constraint that is "valid"
CREATE TABLE orders (
    id int PRIMARY KEY,
    customer_id int CONSTRAINT orders_customer REFERENCES customers ON DELETE RESTRICT);
SET session_replication_role = replica;
INSERT INTO orders VALUES (1, 1), (2, 7), (3, 7), (4, 8), (5, NULL);
SET session_replication_role = origin;

-- NOT VALID
CREATE TABLE notes (id int PRIMARY KEY, order_id int);
INSERT INTO notes VALUES (1, 99), (2, 1);
ALTER TABLE notes ADD CONSTRAINT notes_order FOREIGN KEY (order_id) REFERENCES orders NOT VALID;

-- composite, MATCH SIMPLE: a NULL makes a row fine
CREATE TABLE shelves (room int, place int, PRIMARY KEY (room, place));
INSERT INTO shelves VALUES (1, 1);
CREATE TABLE books (
    id int PRIMARY KEY, room int, place int,
    CONSTRAINT books_shelf FOREIGN KEY (room, place) REFERENCES shelves ON DELETE CASCADE);
INSERT INTO books VALUES (1, 1, 1), (2, 7, NULL), (3, NULL, NULL);

-- composite, MATCH FULL: some NULL and others not is broken
CREATE TABLE discs (
    id int PRIMARY KEY, room int, place int,
    CONSTRAINT discs_shelf FOREIGN KEY (room, place) REFERENCES shelves MATCH FULL);
SET session_replication_role = replica;
INSERT INTO discs VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, NULL), (4, 9, 9);
SET session_replication_role = origin;

-- partitions on both sides
CREATE TABLE parents (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parents_low PARTITION OF parents FOR VALUES FROM (0) TO (10);
CREATE TABLE parents_high PARTITION OF parents FOR VALUES FROM (10) TO (20);
INSERT INTO parents VALUES (1), (15);
CREATE TABLE children (
    id int, parent_id int CONSTRAINT children_parent REFERENCES parents,
    PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE children_low PARTITION OF children FOR VALUES FROM (0) TO (10);
CREATE TABLE children_high PARTITION OF children FOR VALUES FROM (10) TO (20);
INSERT INTO children VALUES (1, 1), (2, 15), (11, 1);

-- a table that inherits is not reached by the key
CREATE TABLE items (id int PRIMARY KEY);
CREATE TABLE special_items () INHERITS (items);
INSERT INTO special_items VALUES (5);
CREATE TABLE tags (id int PRIMARY KEY, item_id int CONSTRAINT tags_item REFERENCES items);
SET session_replication_role = replica;
INSERT INTO tags VALUES (1, 5);
SET session_replication_role = origin;

-- an operator outside of pg_catalog, and a collation that ignores case
CREATE COLLATION public.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE countries (code text COLLATE public.loose PRIMARY KEY);
INSERT INTO countries VALUES ('SE');
CREATE TABLE towns (
    id int PRIMARY KEY, country text CONSTRAINT towns_country REFERENCES countries);
INSERT INTO towns VALUES (1, 'se');

-- names that need quotes, a schema of its own, a self-reference, a deferred key
CREATE SCHEMA "Odd.Schema";
CREATE TABLE "Odd.Schema"."we""ird ü%" (
    "Id%" int PRIMARY KEY,
    "up'per" int CONSTRAINT "the""key" REFERENCES "Odd.Schema"."we""ird ü%"
        ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "Odd.Schema"."we""ird ü%" VALUES (1, 1), (2, 1);
"""

SQLITE = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO customers VALUES (1, 'a'), (2, 'b');

-- inline references, with an action that reflection by text does not see
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER REFERENCES customers(id) ON DELETE CASCADE);
CREATE INDEX orders_customer ON orders (customer_id);
INSERT INTO orders VALUES (1, 1), (2, 7), (3, 7), (4, 8), (5, NULL);

-- the parent's key left out, and its name in another case
CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES Orders);
INSERT INTO notes VALUES (1, 99), (2, 1);

-- composite: a NULL makes a row fine, also under MATCH FULL, which SQLite only parses
CREATE TABLE shelves (room INTEGER, place INTEGER, PRIMARY KEY (room, place));
INSERT INTO shelves VALUES (1, 1);
CREATE TABLE books (
    id INTEGER PRIMARY KEY, room INTEGER, place INTEGER,
    FOREIGN KEY (room, place) REFERENCES shelves MATCH FULL ON DELETE SET NULL);
INSERT INTO books VALUES (1, 1, 1), (2, 7, NULL), (3, 9, 9);

-- the parent's collation decides, not the child's
CREATE TABLE countries (code TEXT COLLATE NOCASE PRIMARY KEY);
INSERT INTO countries VALUES ('SE');
CREATE TABLE towns (id INTEGER PRIMARY KEY, country TEXT REFERENCES countries(code));
INSERT INTO towns VALUES (1, 'se');
CREATE TABLE cities (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE REFERENCES strict(code));
CREATE INDEX cities_code ON cities (code);
CREATE TABLE strict (code TEXT PRIMARY KEY);
INSERT INTO strict VALUES ('A');
INSERT INTO cities VALUES (1, 'A'), (2, 'a');

-- the parent's affinity is applied to the child: '01' is not 1
CREATE TABLE codes (code TEXT PRIMARY KEY);
INSERT INTO codes VALUES ('1'), ('02');
CREATE TABLE uses (id INTEGER PRIMARY KEY, code INTEGER REFERENCES codes(code));
INSERT INTO uses VALUES (1, 1), (2, 2);

-- rows without a rowid
CREATE TABLE tokens (
    name TEXT PRIMARY KEY, customer_id INTEGER REFERENCES customers(id)) WITHOUT ROWID;
INSERT INTO tokens VALUES ('t1', 1), ('t2', 44);

-- malformed: the parent's column is not unique; the parent is a view; the parent is missing
CREATE TABLE loose (id INTEGER);
INSERT INTO loose VALUES (1);
CREATE TABLE tied (id INTEGER PRIMARY KEY, loose_id INTEGER REFERENCES loose(id));
INSERT INTO tied VALUES (1, 1);
CREATE VIEW customer_view AS SELECT * FROM customers;
CREATE TABLE viewing (id INTEGER PRIMARY KEY, c INTEGER REFERENCES customer_view(id));
CREATE TABLE lost (id INTEGER PRIMARY KEY, gone_id INTEGER REFERENCES gone(id));
INSERT INTO lost VALUES (1, 1), (2, NULL);

-- names that need quotes, a self-reference
CREATE TABLE "we""ird ü%?" (
    "Id%" INTEGER PRIMARY KEY, "up'per" INTEGER REFERENCES "we""ird ü%?"("Id%"));
INSERT INTO "we""ird ü%?" VALUES (1, 1), (2, 3);
"""

MARIADB = """
CREATE TABLE customers (id int PRIMARY KEY, name varchar(40) NOT NULL);
INSERT INTO customers VALUES (1, 'a'), (2, 'b');

-- inline references are honoured; RESTRICT is told apart from what was left out
CREATE TABLE orders (
    id int PRIMARY KEY,
    customer_id int REFERENCES customers (id) ON DELETE CASCADE);
SET SESSION foreign_key_checks = 0;
INSERT INTO orders VALUES (1, 1), (2, 7), (3, 7), (4, 8), (5, NULL);

-- composite: a NULL makes a row fine, also where MATCH FULL is written
CREATE TABLE shelves (room int, place int, PRIMARY KEY (room, place));
INSERT INTO shelves VALUES (1, 1);
CREATE TABLE books (
    id int PRIMARY KEY, room int, place int,
    CONSTRAINT books_shelf FOREIGN KEY (room, place) REFERENCES shelves (room, place)
        ON DELETE RESTRICT);
INSERT INTO books VALUES (1, 1, 1), (2, 7, NULL), (3, 9, 9);

-- the columns' collation decides: 'se' is 'SE'
CREATE TABLE countries (code varchar(2) PRIMARY KEY) COLLATE utf8mb4_general_ci;
INSERT INTO countries VALUES ('SE');
CREATE TABLE towns (
    id int PRIMARY KEY,
    country varchar(2) COLLATE utf8mb4_general_ci,
    CONSTRAINT towns_country FOREIGN KEY (country) REFERENCES countries (code)
        ON DELETE SET NULL);
INSERT INTO towns VALUES (1, 'se');

-- the parent is gone
CREATE TABLE lost (
    id int PRIMARY KEY, gone_id int,
    CONSTRAINT lost_gone FOREIGN KEY (gone_id) REFERENCES gone (id));
INSERT INTO lost VALUES (1, 1), (2, NULL);

-- an engine that has no foreign keys drops them without a word
CREATE TABLE notes (
    id int PRIMARY KEY, customer_id int,
    CONSTRAINT notes_customer FOREIGN KEY (customer_id) REFERENCES customers (id)) ENGINE=MyISAM;

-- names that need quotes, a self-reference
CREATE TABLE "we`ird ""ü%" (
    "Id%" int PRIMARY KEY, "up'per" int,
    CONSTRAINT "the`key" FOREIGN KEY ("up'per") REFERENCES "we`ird ""ü%" ("Id%"));
INSERT INTO "we`ird ""ü%" VALUES (1, 1), (2, 3);
SET SESSION foreign_key_checks = 1;
"""
