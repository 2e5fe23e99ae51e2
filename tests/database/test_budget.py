from readiness_gate.database.budget import Budget
from readiness_gate.database.limits import Limit
from readiness_gate.database.pool import Holder, Pool
from readiness_gate.database.pooler import Sizes, Way

SERVER = Limit(47, "max_connections 50 - 3 reserved")
SIZES = Sizes(max_client_conn=100, default_pool_size=20)


def holder(
    name: str, workers: int, *, between: bool = False, through: bool = False, user: str = ""
) -> Holder:
    pool = Pool("postgresql", "QueuePool", 4, 2, 60, True, user, Way(between=between))
    return Holder(name, 1, workers, pool, through_pooler=through)


def test_connections_to_a_pooler_are_not_the_servers() -> None:
    budget = Budget([holder("api", 12, between=True), holder("jobs", 2)], 5, SIZES)
    assert (budget.clients, budget.most, budget.kept) == (72, 32, 28)
    assert budget.over(SERVER, {}) == []
    assert budget.fits(SERVER) == (
        "the pools take 32 of 47 connections (max_connections 50 - 3 reserved), and 72 of 100 of "
        "the pooler (max_client_conn) at most"
    )


def test_the_pooler_and_what_goes_around_it_are_added_up() -> None:
    budget = Budget([holder("api", 17, through=True), holder("jobs", 5)], 1, SIZES)
    assert budget.over(Limit(47, "max 47"), {}) == [
        "102 connections (api 102), and the pooler takes 100 (max_client_conn)",
        "51 connections (jobs 30 + the pooler 20 + 1 kept free), and the server takes 47 (max 47)",
    ]


def test_a_limit_of_the_role_holds_for_what_the_pooler_opens() -> None:
    narrow = {"shop": Limit(10, "connection limit 10 of the role shop")}
    pooled = Budget([holder("api", 1, between=True, user="shop")], 0, SIZES)
    assert pooled.over(SERVER, narrow) == [
        "20 connections of shop, and it may have connection limit 10 of the role shop"
    ]
    small = Budget(pooled.holders, 0, Sizes(100, 8))
    assert small.over(SERVER, narrow) == []


def test_without_its_sizes_a_pooler_adds_nothing() -> None:
    budget = Budget([holder("api", 12, between=True)])
    assert (budget.most, budget.clients) == (0, 72)
    assert Budget([holder("api", 1)], 0, SIZES).most == 6
