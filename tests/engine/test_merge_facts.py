"""GitHub's facts read once into one graph, and seen from a pull request or a group."""

from dataclasses import replace

import pytest

from readiness_gate.engine import merge_facts
from readiness_gate.engine.merge_facts import MergeGraphs, facts_of, rules_of
from readiness_gate.errors import ForgeError
from readiness_gate.forge.snapshot import SnapshotForge
from readiness_gate.model.pull_request import EdgeSource, EdgeState, Reference, Unreachable
from tests.engine.builders import policy
from tests.forge.builders import forge, pull_request
from tests.merge.builders import HOME, group, pull, ref

CONFIG = policy(
    "merge:\n  order: [14, [15, 17]]\n"
    "  depends-on: [{pull-request: 30, after: [21, acme/lib#3]}]\n"
    "  repositories: [acme/lib]\n  keywords: [After]\n"
).loaded.config


def graphs(given: SnapshotForge) -> MergeGraphs:
    return MergeGraphs(given, "https://github.com")


def test_the_words_of_the_configuration_become_rules() -> None:
    rules = rules_of(CONFIG, home=HOME, server_url="https://ghe.example", default_branch="trunk")
    assert rules.order.groups == ((ref(14),), (ref(15), ref(17)))
    (entry,) = rules.depends_on
    assert (entry.reference, entry.after) == (ref(30), (ref(21), Reference("acme/lib", 3)))
    assert (rules.repositories, rules.keywords) == (("acme/lib",), ("After",))
    assert (rules.server_url, rules.trunks) == ("https://ghe.example", frozenset({"trunk"}))


def test_without_the_section_there_is_no_order_and_bodies_still_count() -> None:
    config = policy("").loaded.config
    rules = rules_of(config, home=HOME, server_url="https://github.com", default_branch="main")
    assert (rules.order.groups, rules.depends_on) == ((), ())


def test_open_pull_requests_are_listed_once_per_run() -> None:
    calls: list[str] = []
    seen = graphs(forge(pull_request(14), pull_request(15), on_call=calls.append))
    seen.graph(CONFIG)
    seen.graph(CONFIG)
    assert calls.count("open_list") == 1


def test_a_dependency_is_asked_for_once_however_many_wait_for_it() -> None:
    calls: list[str] = []
    waiting = [pull_request(number, body="Depends on #9") for number in (14, 15)]
    seen = graphs(forge(*waiting, pull_request(9, merged=True), on_call=calls.append))
    for _ in waiting:
        graph = seen.graph(CONFIG)
        assert {edge.state for edge in graph.leaving(ref(15))} >= {EdgeState.MERGED}
    assert calls.count("resolve") == 1


def test_an_unanswered_list_is_an_error_not_an_empty_one() -> None:
    def fail(name: str) -> None:
        if name == "open_list":
            raise ForgeError("no answer")

    with pytest.raises(ForgeError):
        graphs(forge(on_call=fail)).graph(CONFIG)


def test_what_is_merged_and_what_is_open_stand_at_the_edges() -> None:
    given = forge(pull_request(14, merged=True), pull_request(15), pull_request(17))
    change = given.pull_request(17)
    facts = facts_of(graphs(given).graph(CONFIG), change, None)
    (edge,) = facts.edges
    assert (edge.dependency, edge.state) == (ref(14), EdgeState.MERGED)
    assert edge.sources == frozenset({EdgeSource.ORDER})
    assert (facts.home, facts.pull_request, facts.merge_group) == (HOME, change, None)


def test_a_reference_that_gave_no_answer_stays_unreachable() -> None:
    given = forge(pull_request(30), unreachable={"acme/lib#3": "not visible"})
    facts = facts_of(graphs(given).graph(CONFIG), given.pull_request(30), None)
    states = {edge.dependency: edge.state for edge in facts.edges}
    assert states[Reference("acme/lib", 3)] is EdgeState.UNREACHABLE
    assert isinstance(facts.facts[Reference("acme/lib", 3)], Unreachable)


def test_the_pull_request_at_hand_replaces_what_the_list_says_of_it() -> None:
    given = forge(pull_request(14), pull_request(20))
    newer = pull(20, body="Depends on #14")
    facts = facts_of(graphs(given).graph(CONFIG, also=[newer]), newer, None)
    assert [str(edge.dependency) for edge in facts.edges] == ["acme/shop#14"]
    assert facts.parsed


def test_a_merge_group_is_seen_from_all_of_its_members() -> None:
    given = forge(pull_request(14), pull_request(15), pull_request(17))
    members = group(14, 15)
    facts = facts_of(graphs(given).graph(CONFIG, merge_group=members), None, members)
    assert {edge.waiting for edge in facts.edges} == {ref(15)}
    assert {edge.state for edge in facts.edges} == {EdgeState.AHEAD}


def test_bodies_that_name_everything_are_looked_up_to_a_bound_and_are_never_green(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merge_facts, "LOOKED_UP", 3)
    body = "Depends on " + ", ".join(f"#{number}" for number in range(101, 111))
    merged = [pull_request(number, merged=True) for number in range(101, 111)]
    graph = graphs(forge(pull_request(1, body=body), *merged)).graph(policy("").loaded.config)
    states = [edge.state for edge in graph.edges]
    assert states.count(EdgeState.MERGED) == 3
    assert states.count(EdgeState.UNREACHABLE) == 7


def test_a_graph_serves_everybody_whom_the_list_knows() -> None:
    github = forge(*(pull_request(number, body="Depends on #14") for number in (14, 15, 16)))
    opened, seen = github.open_pull_requests(), graphs(github)
    first = seen.graph(CONFIG, also=[opened[0]])
    assert seen.graph(CONFIG, also=[replace(opened[1], labels=("api",))]) is first
    edited = seen.graph(CONFIG, also=[replace(opened[1], body="")])
    assert edited is not first
    assert seen.graph(CONFIG) is first


def test_long_lived_branches_are_trunks() -> None:
    config = policy("merge: {trunks: [develop]}\n").loaded.config
    rules = rules_of(config, home=HOME, server_url="https://github.com", default_branch="main")
    assert rules.trunks == {"main", "develop"}
    release = pull_request(20, head="develop")
    feature = pull_request(21, base="develop")
    assert graphs(forge(release, feature)).graph(config).edges == ()
    assert graphs(forge(release, feature)).graph(policy("").loaded.config).edges != ()
