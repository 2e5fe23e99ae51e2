import pytest

from readiness_gate.database.pooler import ADVICE, Sizes, Way, known, way_of

NAMED = "psycopg prepares what is executed more than 5 times (prepare_threshold)"

TOLD = {"max_client_conn": 90, "default_pool_size": 9, "reserve_pool_size": 1,
        "max_db_connections": 30}  # fmt: skip


def told(**more: object) -> Way:
    return way_of({"between": True, "shared": True, "named": NAMED, "carried": False, **more})


def test_named_statements_that_a_pooler_loses_are_wrong() -> None:
    assert told().wrong == (
        f"{NAMED}, and the pooler gives its connections away after each transaction without the "
        f"statements; {ADVICE}"
    )
    assert told().doubt == ""


@pytest.mark.parametrize(
    "more",
    [
        {"named": ""},
        {"carried": True},
        {"shared": False, "carried": None},
        {"shared": False, "between": False, "named": None, "carried": None},
        {"named": None, "carried": True},
    ],
)
def test_where_nothing_is_lost_nothing_is_wrong(more: dict[str, object]) -> None:
    assert (told(**more).wrong, told(**more).doubt) == ("", "")


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({"named": None}, "whether its driver prepares is not known"),
        ({"named": None, "carried": None}, "whether its driver prepares is not known"),
        ({"carried": None}, f"{NAMED}, and whether the pooler brings statements along"),
        ({"error": "OperationalError: refused"}, "was not seen: OperationalError: refused"),
    ],
)
def test_what_was_not_seen_is_a_doubt(more: dict[str, object], doubt: str) -> None:
    assert doubt in told(**more).doubt
    assert told(**more).wrong == ""


def test_a_statement_that_was_lost_while_it_was_looked_at_is_wrong() -> None:
    lost = way_of({"broken": 'prepared statement "__asyncpg_stmt_1__" already exists'})
    assert lost.between
    assert lost.wrong.startswith("a statement that the driver prepared failed: prepared statement")


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"between": 1, "shared": True, "named": ""},
        {"between": True, "shared": True, "named": 5},
        {"between": True, "shared": True, "named": "", "carried": "yes"},
        {"between": True, "shared": True, "named": "", "sizes": {"max_client_conn": 5}},
        {"between": True, "shared": True, "named": "", "sizes": {**TOLD, "max_client_conn": "5"}},
    ],
)
def test_half_an_answer_is_none(raw: object) -> None:
    with pytest.raises(ValueError, match="not understood"):
        way_of(raw)


def test_a_pooler_opens_its_pools_for_each_pair_of_database_and_user() -> None:
    sizes = Sizes(100, 20, reserve_pool_size=5, pools=3, replicas=2)
    assert (sizes.clients, sizes.servers, sizes.of_role()) == (200, 150, 50)
    bound = Sizes(100, 20, pools=3, max_db_connections=30)
    assert (bound.servers, bound.of_role()) == (30, 20)


def test_what_the_console_tells_wins_over_what_is_written() -> None:
    seen = told(sizes=TOLD).sizes
    assert seen == Sizes(90, 9, 1, 30)
    wrote = Sizes(1000, 2, pools=3, replicas=2)
    assert known(wrote, [], 1) == wrote
    assert known(None, [], 1) is None
    assert known(wrote, [seen], 1) == Sizes(90, 9, 1, 30, pools=3, replicas=2)
    other = Sizes(80, 12, 0, 0)
    assert known(None, [seen, other], 2) == Sizes(80, 12, 1, 0, pools=2)
