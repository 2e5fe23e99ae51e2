from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.merge.graph import build, read_bodies, wanted, what_if_merged
from readiness_gate.merge.order import arrange
from readiness_gate.merge.rules import DeclaredOrder, DependsOn, Rules
from readiness_gate.merge.view import Graph
from readiness_gate.model.pull_request import EdgeSource, EdgeState, Missing, Reference
from tests.merge.builders import HOME, graph, group, issue, pull, ref, rules

CHECKLIST = [14, 15, 17, 16, 21, 10]
AFTER = {17: [14], 16: [14], 10: [17]}


def leaving(found: Graph, number: int) -> dict[int, tuple[set[str], str]]:
    return {
        edge.dependency.number: ({source.value for source in edge.sources}, edge.state.value)
        for edge in found.leaving(ref(number))
    }


def kinds(found: Graph) -> list[tuple[str, list[int]]]:
    return [(one.kind, [member.number for member in one.members]) for one in found.findings]


def test_the_declared_order_makes_each_wait_for_all_before_it() -> None:
    found = graph(*(pull(one) for one in CHECKLIST), by=rules(order=CHECKLIST))
    assert leaving(found, 14) == {}
    assert list(leaving(found, 16)) == [14, 15, 17]
    assert list(leaving(found, 10)) == [14, 15, 17, 16, 21]


def test_merged_members_leave_the_edges_to_those_that_are_not() -> None:
    found = graph(
        *(pull(one) for one in (17, 16, 21)), by=rules(order=CHECKLIST),
        facts=[pull(14), pull(15, merged=True)],
    )  # fmt: skip
    assert list(leaving(found, 16)) == [14, 17]


def test_where_all_before_are_merged_the_group_before_stays_visible() -> None:
    merged = [pull(one, merged=True) for one in (14, 15)]
    found = graph(pull(17), by=rules(order=CHECKLIST), facts=merged)
    assert leaving(found, 17) == {15: ({"order"}, "merged")}


def test_a_group_inside_the_order_merges_in_any_order() -> None:
    found = graph(*(pull(one) for one in (3, 4, 5)), by=rules(order=[[3, 4], 5]))
    assert leaving(found, 3) == leaving(found, 4) == {}
    assert list(leaving(found, 5)) == [3, 4]


def test_kept_edges_of_the_order_go_to_the_nearest_group_that_is_not_merged() -> None:
    found = graph(
        pull(14), pull(17), pull(16), by=rules(order=CHECKLIST), facts=[pull(15, merged=True)]
    )
    assert [(one.waiting.number, one.dependency.number) for one in found.edges] == [
        (17, 14),
        (16, 17),
    ]


def test_every_source_is_kept_on_one_edge() -> None:
    parent = pull(14, head="base-work")
    child = pull(17, body="Depends on #14", base="base-work", stack_parent=14)
    found = graph(parent, child, by=rules(order=[14, 17], depends_on={17: [14]}))
    sources = {"order", "depends-on", "body", "base", "stack"}
    assert leaving(found, 17) == {14: (sources, "open")}
    assert len(found.edges) == 1


def test_an_order_edge_behind_a_nearer_one_is_still_an_order_edge() -> None:
    opened = [pull(14), pull(15), pull(17, body="Depends on #14")]
    found = graph(*opened, by=rules(order=[14, 15, 17]))
    assert leaving(found, 17)[14] == ({"order", "body"}, "open")
    assert leaving(found, 17)[15] == ({"order"}, "open")


def test_sources_from_checklist_004() -> None:
    found = graph(*(pull(one) for one in CHECKLIST), by=rules(order=CHECKLIST, depends_on=AFTER))
    assert leaving(found, 10)[17] == ({"order", "depends-on"}, "open")
    assert found.findings == ()


def test_branches_of_forks_and_trunks_make_no_chain() -> None:
    found = graph(
        pull(1, head="main", head_repository="someone/shop"),
        pull(2, head="main", base="production"),
        pull(3, head="feature", head_repository="someone/shop"),
        pull(4, base="feature"),
        pull(5),
    )
    assert found.edges == ()


def test_what_merged_below_our_stack_counts() -> None:
    found = graph(
        pull(2, head="layer"),
        pull(3, base="layer", body="Depends on #1"),
        facts=[pull(1, merged=True)],
    )
    assert leaving(found, 3)[1] == ({"body"}, "merged")


def test_merged_elsewhere_is_told() -> None:
    found = graph(pull(3, body="Depends on #1"), facts=[pull(1, merged=True, base="next")])
    assert leaving(found, 3)[1] == ({"body"}, "merged-elsewhere")


def test_a_reference_without_a_fact_is_unknown() -> None:
    assert leaving(graph(pull(3, body="Depends on #1")), 3)[1] == ({"body"}, "unknown")


def test_repositories_are_one_in_every_spelling() -> None:
    found = graph(
        pull(3, body="Depends on ACME/SHOP#1, Acme/Lib#2 and acme/LIB#2"),
        by=rules(repositories=["acme/lib"]),
        facts=[pull(1, merged=True), pull(2, merged=True, repository="acme/Lib")],
    )
    states = [(str(one.dependency), one.state) for one in found.leaving(ref(3))]
    assert states == [("acme/lib#2", EdgeState.MERGED), ("acme/shop#1", EdgeState.MERGED)]


def test_a_merged_or_foreign_pull_request_waits_for_nothing() -> None:
    found = graph(
        pull(3, merged=True, body="Depends on #1"),
        facts=[pull(2, repository="acme/lib", body="Depends on #1"), pull(1)],
    )
    assert found.edges == ()


def test_bodies_of_open_facts_are_read_too() -> None:
    found = graph(pull(3, body="Depends on #1"), facts=[pull(1, body="Depends on #3")])
    assert kinds(found) == [("cycle", [1, 3])]


def test_a_cycle_is_named_by_its_path_with_sources() -> None:
    found = graph(
        pull(1, body="Depends on #2"),
        pull(2, body="Depends on #3"),
        pull(3),
        pull(9, body="Depends on #1"),
        by=rules(depends_on={3: [1]}),
    )
    [finding] = found.findings
    assert finding.kind == "cycle"
    assert finding.message.startswith("#1 → #2 → #3 → #1 (#1 waits for #2, says its body")
    assert "#3 waits for #1, says `depends-on` in the configuration" in finding.message
    assert found.view([ref(2)]).findings == (finding,)
    assert found.view([ref(9)]).findings == ()


def test_every_member_of_a_knot_is_in_a_finding() -> None:
    size = 60
    opened = [
        pull(one, body=f"Depends on #{one % size + 1}, #{(one + 1) % size + 1}")
        for one in range(1, size + 1)
    ]
    found = graph(*opened)
    named = {member.number for one in found.findings for member in one.members}
    assert named == set(range(1, size + 1))
    assert len(found.findings) <= 21


def test_a_merged_member_breaks_the_circle() -> None:
    found = graph(pull(3, body="Depends on #1"), facts=[pull(1, merged=True, body="Depends on #3")])
    assert found.findings == ()


def test_a_contradiction_names_both_sources_and_is_no_cycle_too() -> None:
    found = graph(pull(14, body="Depends on #17"), pull(15), pull(17), by=rules(order=[14, 15, 17]))
    [finding] = found.findings
    assert (finding.kind, [one.number for one in finding.members]) == ("contradiction", [14, 17])
    assert finding.message == (
        "the declared order puts #14 before #17, but #14 waits for #17, says its body"
    )


def test_a_contradiction_that_is_over_is_none() -> None:
    found = graph(
        pull(14, body="Depends on #17"), by=rules(order=[14, 17]), facts=[pull(17, merged=True)]
    )
    assert found.findings == ()


def test_a_circle_through_the_order_and_an_outsider_is_a_cycle() -> None:
    found = graph(
        pull(14, body="Depends on #50"), pull(17), pull(50, body="Depends on #17"),
        by=rules(order=[14, 17]),
    )  # fmt: skip
    assert kinds(found) == [("cycle", [14, 50, 17])]


def test_a_self_reference_is_a_finding() -> None:
    found = graph(pull(3, body="Depends on #3"), by=rules(depends_on={4: [4]}), facts=[pull(4)])
    assert kinds(found) == [("self-reference", [3]), ("self-reference", [4])]


def test_a_number_that_does_not_exist_is_missing() -> None:
    found = graph(pull(10), by=rules(order=[99, 10]), facts=[Missing(ref(99))])
    assert leaving(found, 10) == {99: ({"order"}, "missing")}


def test_in_a_merge_group_those_ahead_count() -> None:
    queue = group(14, 17)
    found = graph(pull(14), pull(17), by=rules(order=[14, 17]), merge_group=queue)
    assert leaving(found, 17)[14][1] == "ahead"
    behind = graph(pull(14), pull(17), by=rules(order=[14, 17]), merge_group=group(17, 14))
    assert leaving(behind, 17)[14][1] == "open"


def test_an_issue_can_be_a_dependency() -> None:
    done = issue(9, "closed", "completed")
    assert leaving(graph(pull(3, body="After #9"), facts=[done]), 3)[9] == ({"body"}, "done")


def test_a_view_tells_what_was_read_and_what_was_not() -> None:
    body = "Depends on #14, acme/lib#2\n\nDepends on PR 5"
    view = graph(pull(17, body=body), by=rules(repositories=["acme/lib"])).view([ref(17)])
    assert view.parsed == ("#14 (line 1)", "acme/lib#2 (line 1)")
    assert view.warnings == (
        "line 3 looks like a dependency but was not wholly read: Depends on PR 5",
    )


def test_a_view_of_a_group_names_whose_line_it_is() -> None:
    opened = [pull(14, body="Depends on #1"), pull(17, body="Depends on 3")]
    view = graph(*opened).view([ref(14), ref(17)])
    assert view.parsed == ("#1 (#14, line 1)",)
    assert view.warnings[0].startswith("#17, line 1 looks like")


def test_followers_are_all_that_wait_directly_or_through_others() -> None:
    found = graph(
        *(pull(one) for one in CHECKLIST), pull(50, body="Depends on #10"), pull(51),
        by=rules(order=CHECKLIST, depends_on=AFTER),
    )  # fmt: skip
    assert found.view([ref(16)]).followers == {ref(21), ref(10), ref(50)}
    assert found.view([ref(51)]).followers == frozenset()


def test_dependants_are_what_a_change_can_concern() -> None:
    found = graph(
        pull(20, body="Depends on #14"), pull(21), pull(22, base="change-14"), pull(23),
        by=rules(order=[14, 21]), facts=[pull(14, merged=True)],
    )  # fmt: skip
    assert found.dependants(ref(14)) == (ref(20), ref(21), ref(22))
    assert found.dependants(ref(23)) == ()


def test_further_bases_of_a_stack() -> None:
    found = graph(pull(1, head="a"), pull(2, base="a", head="b"), pull(3, base="b"))
    assert found.view([ref(3)]).further_bases == {"a", "main"}
    assert found.view([ref(1)]).further_bases == frozenset()


def test_branches_in_a_circle_end() -> None:
    found = graph(pull(1, head="a", base="b"), pull(2, head="b", base="a"))
    assert kinds(found) == [("cycle", [1, 2])]


def test_wanted_are_the_references_that_may_be_asked_for() -> None:
    by = rules(order=[14, 15], depends_on={30: [21]}, repositories=["acme/lib"])
    opened = [pull(17, body="Depends on acme/lib#3, other/place#4, #5", stack_parent=8)]
    found = wanted(opened, read_bodies(opened, by), by)
    assert sorted(str(one) for one in found) == sorted(
        [f"{HOME}#{one}" for one in (14, 15, 30, 21, 17, 5, 8)] + ["acme/lib#3"]
    )


def test_a_repository_that_is_not_listed_is_told_without_being_asked() -> None:
    found = graph(pull(17, body="Depends on other/place#4"))
    assert [one.state for one in found.leaving(ref(17))] == [EdgeState.NOT_LISTED]


def test_what_if_merged_keeps_the_rest_of_the_declared_order() -> None:
    opened = [pull(14), pull(15), pull(17, body="Depends on #15")]
    found = graph(*opened, by=rules(order=[14, 15, 17]))
    assumed = what_if_merged(found, [ref(15), ref(99)])
    assert list(assumed.opened) == [ref(14), ref(17)]
    assert leaving(assumed, 17)[14] == ({"order"}, "open")
    assert arrange(assumed.opened, assumed.edges).next == (ref(14),)
    after = what_if_merged(found, [ref(14), ref(15)])
    assert arrange(after.opened, after.edges).next == (ref(17),)


NUMBERS = st.integers(1, 8)


@given(
    st.permutations(range(1, 9)),
    st.dictionaries(NUMBERS, st.lists(NUMBERS, max_size=4), max_size=8),
    st.sets(NUMBERS),
)
def test_any_graph_has_one_edge_a_pair_and_names_every_circle(
    order: list[int], bodies: dict[int, list[int]], merged: set[int]
) -> None:
    everyone = [
        pull(
            one,
            merged=one in merged,
            body="\n".join(f"Depends on #{b}" for b in bodies.get(one, [])),
        )
        for one in range(1, 9)
    ]
    by = Rules(
        home=HOME,
        order=DeclaredOrder(tuple((ref(one),) for one in order[:4])),
        depends_on=(DependsOn(ref(order[5]), (ref(order[6]),)),),
    )
    found = build(everyone, rules=by, facts={})
    pairs = [(one.waiting, one.dependency) for one in found.edges]
    assert len(pairs) == len(set(pairs))
    assert not {one.waiting.number for one in found.edges} & merged
    assert found == build(everyone[::-1], rules=by, facts={})
    named: set[Reference] = {member for one in found.findings for member in one.members}
    blocked = {pair for pair in pairs if pair[1].number not in merged}
    reach = {a: {b for x, b in blocked if x == a} for a, _ in blocked}
    for middle in list(reach):
        for seen in reach.values():
            if middle in seen:
                seen.update(reach[middle])
    # Whoever waits for itself through others is told so, or stands in a contradiction's circle.
    circular = {one for one in reach if one in reach[one]}
    assert bool(circular) == bool(found.findings)
    assert all(
        EdgeSource.ORDER in one.sources for one in found.edges if not _stated(one, bodies, by)
    )
    assert named <= {ref(one) for one in range(1, 9)}


def _stated(edge: object, bodies: dict[int, list[int]], by: Rules) -> bool:
    waiting, dependency = edge.waiting, edge.dependency  # type: ignore[attr-defined]
    declared = any(one.reference == waiting and dependency in one.after for one in by.depends_on)
    return declared or dependency.number in bodies.get(waiting.number, [])


def test_a_native_stack_is_a_source_beside_the_base_branch() -> None:
    found = graph(pull(14), replace(pull(15, base="change-14"), stack_position=2))
    (edge,) = found.edges
    assert edge.sources == {EdgeSource.BASE, EdgeSource.STACK}
    bottom = graph(pull(14), replace(pull(15, base="change-14"), stack_position=1))
    assert bottom.edges[0].sources == {EdgeSource.BASE}


def test_children_are_what_is_based_on_its_branch() -> None:
    found = graph(pull(14), pull(15, base="change-14"), pull(16), pull(17, head="main"))
    assert found.children(ref(14)) == (ref(15),)
    assert found.children(ref(17)) == ()
    fork = graph(pull(14, head_repository="visitor/shop"), pull(15, base="change-14"))
    assert fork.children(ref(14)) == ()


def test_a_reference_to_a_number_that_does_not_exist_is_a_finding() -> None:
    found = graph(pull(14, body="Depends on #99"), facts=[Missing(ref(99))])
    (finding,) = found.findings
    assert (finding.kind, finding.members) == ("missing", (ref(14),))
    assert finding.message == "#14 waits for #99, which does not exist, says its body"
