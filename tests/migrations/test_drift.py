from readiness_gate.migrations.drift import catalogue_lines, extensions

MIGRATED = {
    "table public.t": "r",
    "table public.only_here": "r",
    "constraint public.t.t_pkey": "PRIMARY KEY (id)",
    "constraint public.t.fk": "FOREIGN KEY (a) REFERENCES o(id) NOT VALID",
    "constraint public.only_here.c": "CHECK (x > 0)",
    "index public.ix": "CREATE INDEX ix ON public.t USING btree (a) WHERE (a > 0)",
    "extension citext": "",
}


def test_the_same_definitions_under_other_names_are_no_drift() -> None:
    modelled = {
        "table public.t": "r",
        "constraint public.t.other": "PRIMARY KEY (id)",
        "constraint public.t.another": "FOREIGN KEY (a) REFERENCES o(id) NOT VALID",
        "index public.name": "CREATE INDEX name ON public.t USING btree (a) WHERE (a > 0)",
    }
    assert list(catalogue_lines(MIGRATED, modelled)) == []


def test_a_key_that_is_not_validated_and_a_predicate_are_drift() -> None:
    modelled = {
        "table public.t": "r",
        "constraint public.t.t_pkey": "PRIMARY KEY (id)",
        "constraint public.t.fk": "FOREIGN KEY (a) REFERENCES o(id)",
        "index public.ix": "CREATE INDEX ix ON public.t USING btree (a)",
    }
    assert list(catalogue_lines(MIGRATED, modelled)) == [
        (
            "only in the migrations: constraint of public.t: "
            "FOREIGN KEY (a) REFERENCES o(id) NOT VALID"
        ),
        (
            "only in the migrations: index of public.t: "
            "CREATE INDEX ON public.t USING btree (a) WHERE (a > 0)"
        ),
        "only in the models: constraint of public.t: FOREIGN KEY (a) REFERENCES o(id)",
        "only in the models: index of public.t: CREATE INDEX ON public.t USING btree (a)",
    ]


def test_the_same_constraint_twice_is_not_once() -> None:
    one = {"table t": "", "constraint t.a": "CHECK (x)"}
    two = {**one, "constraint t.b": "CHECK (x)"}
    assert list(catalogue_lines(one, two)) == ["only in the models: constraint of t: CHECK (x)"]


def test_extensions_are_named() -> None:
    assert extensions(MIGRATED) == ("citext",)
