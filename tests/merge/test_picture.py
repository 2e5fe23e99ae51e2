from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.merge.around import NODES, Mover, around
from readiness_gate.merge.picture import mermaid
from readiness_gate.model.pull_request import EdgeState, Reference
from tests.merge.builders import HOME, graph, group, issue, pull, ref, rules


def test_states_are_told_by_word_and_by_shape() -> None:
    states = {
        ref(9): EdgeState.MERGED,
        ref(10): EdgeState.OPEN,
        ref(11): EdgeState.DRAFT,
        ref(12): EdgeState.CLOSED,
        Reference("acme/lib", 3): EdgeState.UNREACHABLE,
        ref(14): EdgeState.OPEN,
    }
    drawn = mermaid(states, [(ref(14), ref(10)), (ref(10), ref(9))], home=HOME, own=[ref(14)])
    assert drawn.splitlines() == [
        "flowchart LR",
        '  n0{"acme/lib#3 unreachable"}',
        '  n1(["#9 merged"])',
        '  n2["#10 open"]',
        '  n3[/"#11 draft"/]',
        '  n4{{"#12 closed"}}',
        '  n5[["#14 this one"]]',
        "  n2 --> n5",
        "  n1 --> n2",
    ]


@given(st.text(), st.sampled_from(EdgeState))
def test_nothing_but_validated_names_gets_into_a_picture(name: str, state: EdgeState) -> None:
    drawn = mermaid({Reference(name, 3): state, ref(1): state}, [], home=HOME)
    assert len(drawn.splitlines()) == 3
    label = drawn.splitlines()[1].split('"')[1]
    plain = set(label) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#/_.- ?"
    )
    assert plain


def test_both_ends_stand_around_a_pull_request() -> None:
    found = graph(
        pull(14), pull(15, body="Depends on #14"), pull(16, body="Depends on #15"),
        pull(17, body="Depends on #15"), pull(99),
    )  # fmt: skip
    near = around(found, [ref(15)])
    assert [one.number for one, _ in near.states] == [14, 15, 16, 17]
    assert [(edge.waiting.number, edge.dependency.number) for edge in near.edges] == [
        (15, 14), (16, 15), (17, 15),
    ]  # fmt: skip
    assert near.blocks == (ref(16), ref(17))
    assert near.omitted == 0


def test_who_can_act_is_named_and_who_waits_is_not() -> None:
    found = graph(
        pull(20, body="Depends on #19, #18, #17 and #7"),
        pull(19, body="Depends on #12", author="waiting"),
        pull(18, draft=True, author="bob"),
        pull(17, author="alice"),
        pull(12, author="carol"),
        facts=[issue(7)],
    )
    assert around(found, [ref(20)]).movers == (
        Mover(ref(7), "", "complete"),
        Mover(ref(17), "alice", "merge"),
        Mover(ref(18), "bob", "finish"),
        Mover(ref(12), "carol", "merge"),
    )


def test_a_large_neighbourhood_is_cut_at_the_far_end() -> None:
    chain = [pull(n, body=f"Depends on #{n - 1}" if n > 1 else "") for n in range(1, 101)]
    near = around(graph(*chain), [ref(50)])
    numbers = [one.number for one, _ in near.states]
    assert len(numbers) == NODES
    assert near.omitted == 100 - NODES
    assert numbers == list(range(min(numbers), max(numbers) + 1))
    assert {49, 50, 51} <= set(numbers)


def test_a_circle_is_walked_once() -> None:
    found = graph(pull(1, body="Depends on #2"), pull(2, body="Depends on #1"))
    assert len(around(found, [ref(1)]).edges) == 2


def test_a_queue_and_a_merged_one_have_their_surroundings() -> None:
    found = graph(pull(14), pull(15, body="After #14"), merge_group=group(14, 15))
    assert [state for _, state in around(found, [ref(14), ref(15)]).states] == [
        EdgeState.AHEAD,
        EdgeState.OPEN,
    ]
    assert around(found, [ref(1)]).states == ()


def test_the_declared_order_is_a_chain_in_the_picture() -> None:
    found = graph(pull(14), pull(15), pull(16), by=rules(order=[14, 15, 16]))
    pairs = [
        (edge.waiting.number, edge.dependency.number) for edge in around(found, [ref(16)]).edges
    ]
    assert pairs == [(15, 14), (16, 15)]
