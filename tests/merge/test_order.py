import time

from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.merge.order import Order, arrange, knots
from readiness_gate.model.pull_request import Edge, EdgeSource, EdgeState, Reference
from tests.merge.builders import ref

BODY = frozenset({EdgeSource.BODY})


def edge(waiting: int, dependency: int, state: EdgeState = EdgeState.OPEN) -> Edge:
    return Edge(ref(waiting), ref(dependency), BODY, state)


def numbers(references: tuple[Reference, ...]) -> list[int]:
    return [one.number for one in references]


def plan(nodes: list[int], *edges: Edge, **options: object) -> Order:
    return arrange([ref(node) for node in nodes], edges, **options)  # type: ignore[arg-type]


def test_dependencies_come_first_then_the_lower_number() -> None:
    found = plan([17, 16, 15, 14, 10], edge(17, 14), edge(16, 14), edge(10, 17))
    assert numbers(found.order) == [14, 15, 16, 17, 10]
    assert numbers(found.next) == [14, 15]
    assert numbers(found.critical_path) == [14, 17, 10]


def test_the_declared_position_goes_before_the_number() -> None:
    declared = [[ref(15)], [ref(14), ref(3)]]
    assert numbers(plan([1, 3, 14, 15], declared=declared).order) == [15, 3, 14, 1]


def test_satisfied_edges_order_nothing() -> None:
    found = plan([1, 2], edge(1, 2, EdgeState.MERGED))
    assert numbers(found.order) == numbers(found.next) == [1, 2]


def test_what_waits_outside_the_nodes_is_ordered_but_not_next() -> None:
    found = plan([1, 2], edge(1, 99, EdgeState.CLOSED))
    assert numbers(found.order) == [1, 2]
    assert numbers(found.next) == [2]


def test_a_draft_is_not_next() -> None:
    assert numbers(plan([1, 2], drafts=[ref(1)]).next) == [2]


def test_members_of_cycles_are_excluded_and_named() -> None:
    found = plan([1, 2, 3, 4], edge(1, 2), edge(2, 1), edge(3, 1), edge(4, 4))
    assert numbers(found.excluded) == [1, 2, 4]
    assert numbers(found.order) == [3]
    assert found.next == ()


def test_nothing_is_ordered_as_nothing() -> None:
    assert plan([]) == Order((), (), (), ())


def test_separate_circles_are_separate_knots() -> None:
    waits = {ref(1): {ref(2)}, ref(2): {ref(1)}, ref(3): {ref(4)}, ref(4): {ref(3), ref(1)}}
    assert knots(waits) == [[ref(1), ref(2)], [ref(3), ref(4)]]


PAIRS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=40)


@given(PAIRS, st.randoms())
def test_order_is_complete_topological_and_independent_of_input_order(
    pairs: list[tuple[int, int]], random: object
) -> None:
    edges = [edge(*pair) for pair in pairs]
    found = plan(list(range(1, 13)), *edges)
    assert sorted((*found.order, *found.excluded)) == [ref(one) for one in range(1, 13)]
    place = {one: index for index, one in enumerate(found.order)}
    for one in edges:
        if one.waiting in place and one.dependency in place:
            assert place[one.dependency] < place[one.waiting]
    random.shuffle(edges)  # type: ignore[attr-defined]
    assert plan(list(range(12, 0, -1)), *edges) == found
    assert all(one not in {other.waiting for other in edges} for one in found.next)


@given(PAIRS)
def test_excluded_are_exactly_those_that_reach_themselves(pairs: list[tuple[int, int]]) -> None:
    reach: dict[int, set[int]] = {one: {b for a, b in pairs if a == one} for one in range(1, 13)}
    for middle in tuple(reach):
        for seen in reach.values():
            if middle in seen:
                seen.update(reach[middle])
    expected = [one for one in reach if one in reach[one]]
    assert numbers(plan(list(range(1, 13)), *(edge(*p) for p in pairs)).excluded) == expected


def test_the_critical_path_is_a_chain_of_edges() -> None:
    edges = [edge(a, b) for a, b in ((2, 1), (3, 2), (4, 3), (5, 1), (6, 5))]
    assert numbers(plan([1, 2, 3, 4, 5, 6], *edges).critical_path) == [1, 2, 3, 4]


def test_ten_thousand_pull_requests_are_ordered_without_recursion() -> None:
    size = 10_000
    edges = [edge(n, n - step) for n in range(1, size + 1) for step in range(1, 6) if n > step]
    started = time.process_time()
    found = plan(list(range(1, size + 1)), *edges)
    spent = time.process_time() - started
    assert numbers(found.order) == list(range(1, size + 1))
    assert len(found.critical_path) == size
    assert spent < 10  # a guard against quadratic work; `make bench` prints the figure
