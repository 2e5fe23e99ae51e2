import pytest

from readiness_gate.database.leak import Load
from readiness_gate.database.limits import Open
from readiness_gate.database.pool import Holder, Pool, arguments, parse, wrong
from readiness_gate.doors.programs import Completed

NONCE = "f00dfeedf00dfeed"


def pool(
    name: str = "QueuePool",
    size: int | None = 5,
    overflow: int | None = 10,
    recycle: int | None = 1800,
    *,
    pre_ping: bool = True,
) -> Pool:
    return Pool("mysql", name, size, overflow, recycle, pre_ping)


def holder(one: Pool, declared: int | None = None) -> Holder:
    return Holder("api", 3, 4, one, declared)


def found(one: Pool, *, ping: bool = True, wait: int | None = None) -> list[str]:
    return wrong(holder(one), classes=("QueuePool",), pre_ping=ping, wait_timeout=wait)


def test_every_worker_of_every_replica_has_a_pool_of_its_own() -> None:
    assert holder(pool()).most == 3 * 4 * 15
    assert holder(pool()).kept == 3 * 4 * 5
    assert holder(pool("StaticPool", None, None)).most == 12


@pytest.mark.parametrize(
    "one", [pool(overflow=-1), pool(size=0), pool("NullPool", None, None), pool("Own", None, None)]
)
def test_a_pool_without_a_bound_has_no_most(one: Pool) -> None:
    assert holder(one).most is None
    assert holder(one, declared=2).most == 24
    assert found(one) != []


def test_an_overflow_without_end_is_wrong_whatever_is_declared() -> None:
    (text,) = wrong(
        holder(pool(overflow=-1), declared=9), classes=("QueuePool",), pre_ping=True,
        wait_timeout=None,
    )  # fmt: skip
    assert text == "max_overflow=-1: nothing bounds its connections"
    assert found(pool(size=0)) == ["pool_size=0: nothing bounds its connections"]


def test_a_pool_of_another_class_is_wrong() -> None:
    assert found(pool("NullPool", None, None)) == ["NullPool, allowed is QueuePool"]
    allowed = wrong(
        holder(pool("NullPool", None, None)), classes=("NullPool",), pre_ping=True,
        wait_timeout=60,
    )  # fmt: skip
    assert allowed == ["NullPool: nothing bounds its connections (write connections)"]


def test_connections_that_the_server_closes_are_replaced_before() -> None:
    assert found(pool(recycle=1799), wait=1800) == []
    assert found(pool(recycle=1800), wait=1800) == [
        "pool_recycle=1800, but the server closes after 1800 s"
    ]
    assert found(pool(recycle=-1), wait=28800) == [
        "pool_recycle is off, and the server closes after 28800 s"
    ]
    assert found(pool(recycle=-1)) == []


def test_a_ping_is_asked_for_only_where_it_is_wanted() -> None:
    assert len(found(pool(pre_ping=False))) == 1
    assert found(pool(pre_ping=False), ping=False) == []


BEFORE = Open(sessions=3, holding=0)


def test_a_connection_idle_inside_a_transaction_was_not_given_back() -> None:
    load = Load(BEFORE, 8, Open(4, 1))
    assert load.problem(most=15, kept=5).startswith("1 more than before are idle inside a trans")
    assert not load.settled(kept=5)
    held = Load(Open(3, 1), 8, Open(4, 1))
    assert held.problem(most=15, kept=5) == ""


def test_what_stays_open_is_what_the_pools_keep() -> None:
    assert Load(BEFORE, 18, Open(8, 0)).problem(most=15, kept=5) == ""
    assert Load(BEFORE, 18, Open(9, 0)).problem(most=15, kept=5) == (
        "9 stay open, and the pools keep 5 (before: 3)"
    )


def test_more_than_the_pools_open_is_an_engine_that_nobody_listed() -> None:
    load = Load(BEFORE, 19, BEFORE)
    assert "19 were open at once, and the pools open 15 at most" in load.problem(most=15, kept=5)
    assert load.settled(kept=5)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ('{"complete": true, "error": "no engine"}', "no engine"),
        ('{"complete": true}', "not understood"),
        (
            (
                '{"complete": true, "dialect": "mysql", "pool": "QueuePool", "user": "", '
                '"pre_ping": true, "size": "5"}'
            ),
            "not understood",
        ),
        ('{"complete": false}', "not complete"),
    ],
)
def test_half_an_answer_is_none(answer: str, message: str) -> None:
    done = Completed(("python",), 0, f"readiness-gate:{NONCE} {answer}\n", "", 0.1)
    with pytest.raises(ValueError, match=message):
        parse(done, nonce=NONCE)


def test_a_probe_that_does_not_end_is_no_answer() -> None:
    with pytest.raises(ValueError, match="did not end"):
        parse(Completed(("python",), None, "", "", 5.0), nonce=NONCE)


def test_the_nonce_cannot_be_guessed() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        arguments("a:b", nonce="1")
