"""What a configuration and a checklist become: items, bound, scoped and judged."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.config.schema import GateConfig
from readiness_gate.engine.sections import section_items
from readiness_gate.errors import ConfigurationError, ForgeError
from readiness_gate.model.outcome import Half, Severity, SkippedBy, Stage
from tests.engine.builders import by_id, items, scope

MARKDOWN = """\
# List

## Code (HIGH)

- [x] Types are right <!-- id: types -->
- [ ] Legal agreed <!-- id: legal -->
"""


def refused(text: str, markdown: str = "") -> str:
    with pytest.raises(ConfigurationError) as caught:
        items(text, markdown)
    return caught.value.message


def test_the_checklist_comes_first_then_the_items_then_what_sections_bring() -> None:
    planned = items(
        "checklist: list.md\nmerge: {order: [2, 1]}\nitems: {readme: file-exists}", MARKDOWN
    )
    assert [item.id for item in planned] == [
        "types", "legal", "readme", "merge-order", "dependencies-merged",
    ]  # fmt: skip


def test_an_unbound_line_is_an_attestation_before_the_deploy() -> None:
    legal = by_id(items("items: {types: file-exists}", MARKDOWN))["legal"]
    assert (legal.check_id, legal.stage, legal.half) == (
        "attestation", Stage.PRE_DEPLOY, Half.MERGE,
    )  # fmt: skip
    assert legal.skipped == (SkippedBy.STAGE, "belongs to the stage pre-deploy")


def test_a_line_gives_title_category_and_severity_and_the_item_overrides_them() -> None:
    planned = by_id(
        items("items: {types: {check: file-exists, title: Typed, severity: low}}", MARKDOWN)
    )
    assert planned["types"].title == "Typed"
    assert planned["types"].severity is Severity.LOW
    assert planned["types"].category.startswith("Code")
    assert planned["legal"].title == "Legal agreed"


def test_an_item_without_a_line_takes_title_and_category_of_its_check() -> None:
    (item,) = items("items: {readme: file-exists}")
    assert (item.title, item.category) == ("title of file-exists", "repository")
    assert (item.severity, item.stage, item.half) == (
        Severity.HIGH, Stage.PRE_MERGE, Half.CHECKS,
    )  # fmt: skip


def test_an_unknown_check_is_named_with_its_place_and_what_was_meant() -> None:
    text = "items:\n  a:\n    check: htpp\n  b: file-exist\n"
    message = refused(text)
    assert "gate.yml:4:12: items.a.check: there is no check 'htpp', did you mean 'http'?" in message
    assert "gate.yml:5:6: " in message
    assert "did you mean 'file-exists'?" in message


def test_refused_options_are_named_with_their_place() -> None:
    message = refused("items:\n  a: {check: http, with: {valeu: x}}\n")
    assert "gate.yml:3:27: items.a.with: unknown key 'valeu', did you mean 'value'?" in message


def test_all_problems_of_the_file_come_at_once() -> None:
    message = refused("items: {a: {check: http, with: {x: 1}}, b: htp, c: {title: none}}")
    assert len(message.splitlines()) == 3


def test_an_item_that_binds_nothing_and_has_no_line_is_refused() -> None:
    message = refused("items: {leagl: {severity: low}}", MARKDOWN)
    assert "binds no check, and no line of the checklist has this id" in message
    assert "did you mean 'legal'?" in message


def test_one_item_cannot_mix_the_halves() -> None:
    message = refused("items: {a: {checks: [merge-order, file-exists]}}")
    assert "mixes the merge half and the checks half" in message


def test_several_checks_of_one_half_are_one_item() -> None:
    (item,) = items("items: {a: {checks: [file-exists, {check: http, with: {value: x}}]}}")
    assert item.roll_up
    assert item.check_id == "rollup"
    assert [one.check.id for one in item.checks] == ["file-exists", "http"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {check: rollup, with: {items: [hppt]}}, http: file-exists", "no item 'hppt'"),
        ("a: {check: rollup, with: {items: [a]}}", "cannot sum up itself"),
        ("a: {checks: [rollup, attestation]}", "a rollup stands alone"),
        (
            "a: {check: rollup, with: {items: [b]}}, b: {check: rollup, with: {items: [a]}}",
            "in a circle: ",
        ),
    ],
)
def test_a_roll_up_that_could_count_nothing_is_refused(text: str, said: str) -> None:
    message = refused(f"items: {{{text}}}")
    assert said in message
    assert message.startswith("gate.yml:2:")


def test_a_roll_up_may_name_what_a_section_brings_and_other_roll_ups() -> None:
    planned = items(
        "merge: {}\nitems:\n  all: {check: rollup, with: {items: [some, dependencies-merged]}}\n"
        "  some: {check: rollup, with: {items: [readme]}}\n  readme: file-exists\n"
    )
    assert [item.id for item in planned] == ["all", "some", "readme", "dependencies-merged"]


# What sections bring


BROUGHT = [
    ("merge: {}", ["dependencies-merged"]),
    ("merge: {order: [2, 1]}", ["merge-order", "dependencies-merged"]),
    ("stack: {}", ["image-build", "stack-health"]),
    ("databases: {main: {service: db}}", []),
    (
        "databases: {main: {service: db, migrations: {}}}",
        ["migrations-heads", "migrations-applied"],
    ),
    (
        "databases: {a: {service: x, migrations: {}}, b: {service: y, migrations: {}}}",
        ["migrations-heads-a", "migrations-heads-b",
         "migrations-applied-a", "migrations-applied-b"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ids"), BROUGHT)
def test_sections_bring_their_own_items(text: str, ids: list[str]) -> None:
    planned = items(text)
    assert [item.id for item in planned] == ids
    assert all(item.from_section and item.blocking for item in planned)


def test_a_section_brings_nothing_that_an_item_names() -> None:
    planned = items("stack: {}\nitems: {healthy: stack-health}")
    assert [item.id for item in planned] == ["healthy", "image-build"]
    assert not planned[0].from_section


def test_an_item_that_only_has_the_name_does_not_hide_what_the_section_brings() -> None:
    planned = items("stack: {}\nitems: {stack-health: file-exists}")
    assert [(item.id, item.check_id) for item in planned] == [
        ("stack-health", "file-exists"),
        ("image-build", "image-build"),
        ("stack-health-2", "stack-health"),
    ]


def test_what_a_section_brings_takes_a_name_that_nobody_has() -> None:
    """One answer stood for both: a failing item was hidden behind a section's own."""
    planned = items("stack: {}\nitems: {stack-health: file-exists, stack-health-2: file-exists}")
    assert [(item.id, item.check_id) for item in planned] == [
        ("stack-health", "file-exists"),
        ("stack-health-2", "file-exists"),
        ("image-build", "image-build"),
        ("stack-health-3", "stack-health"),
    ]


def test_brought_items_block_whatever_block_on_says() -> None:
    assert all(item.blocking for item in items("block-on: critical\nstack: {}"))


def test_every_brought_id_is_distinct() -> None:
    config = GateConfig.model_validate({
        "version": 1, "merge": {"order": [1]}, "stack": {},
        "databases": {"a": {"service": "x", "migrations": {}},
                      "b": {"service": "y", "migrations": {}}},
    })  # fmt: skip
    ids = [id_ for id_, _, _ in section_items(config, named=())]
    assert len(ids) == len(set(ids)) == 8


# What blocks


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("block_on", list(Severity))
def test_block_on_takes_this_severity_and_worse(severity: Severity, block_on: Severity) -> None:
    (item,) = items(
        f"block-on: {block_on}\nitems: {{a: {{check: file-exists, severity: {severity}}}}}"
    )
    order = ["critical", "high", "medium", "low"]
    assert item.blocking is (order.index(severity) <= order.index(block_on))


@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("severity", ["critical", "low"])
def test_blocking_wins_over_block_on(blocking: bool, severity: str) -> None:
    word = str(blocking).lower()
    (item,) = items(
        "block-on: medium\n"
        f"items: {{a: {{check: file-exists, severity: {severity}, blocking: {word}}}}}"
    )
    assert item.blocking is blocking


def test_enforce_none_blocks_nothing_not_even_what_says_blocking() -> None:
    planned = items(
        "enforce: none\nmerge: {}\nitems: {a: {check: file-exists, blocking: true}}", MARKDOWN
    )
    assert not any(item.blocking for item in planned)


def test_enforce_ticked_blocks_ticked_lines_and_the_merge_half() -> None:
    text = (
        "enforce: ticked\nmerge: {}\n"
        "items: {types: file-exists, legal: file-exists, own: {check: http, blocking: true}}"
    )
    assert {item.id: item.blocking for item in items(text, MARKDOWN)} == {
        "types": True, "legal": False, "own": False, "dependencies-merged": True,
    }  # fmt: skip


# Stage, phase, only, when


def test_items_of_another_stage_are_skipped_and_not_planned() -> None:
    text = "items: {a: file-exists, b: {check: http, stage: post-deploy}}"
    one, other = items(text)
    assert (one.skipped, one.planned) == (None, True)
    assert other.skipped == (SkippedBy.STAGE, "belongs to the stage post-deploy")
    assert not other.planned
    one, other = items(text, about=scope(stage=Stage.POST_DEPLOY))
    assert (one.planned, other.planned) == (False, True)


PHASES = "phases: [mvp, next, last]\nphase: next\n"


@pytest.mark.parametrize(
    ("phase", "blocks"), [(None, True), ("mvp", True), ("next", True), ("last", False)]
)
def test_a_later_phase_never_blocks(phase: str | None, blocks: bool) -> None:
    given_phase = f", phase: {phase}" if phase else ""
    (item,) = items(f"{PHASES}items: {{a: {{check: file-exists, blocking: true{given_phase}}}}}")
    assert item.blocking is blocks
    assert item.skipped is None
    assert item.phase == (phase or "mvp")


@pytest.mark.parametrize("check", ["command", "load", "fault"])
def test_of_a_later_phase_only_reading_checks_run(check: str) -> None:
    (item,) = items(f"{PHASES}items: {{a: {{check: {check}, phase: last}}}}")
    assert item.skipped == (SkippedBy.PHASE, "belongs to the later phase last")
    assert item.planned
    assert not item.blocking


def test_the_phase_of_the_run_wins_over_the_configured_one() -> None:
    text = f"{PHASES}items: {{a: {{check: file-exists, phase: last}}}}"
    assert items(text, about=scope(phase="last"))[0].blocking
    assert not items(text, about=scope(phase="mvp"))[0].blocking


def test_an_unknown_phase_of_the_run_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="there is no phase 'nxet', did you mean 'next'"):
        items(f"{PHASES}items: {{a: file-exists}}", about=scope(phase="nxet"))


def test_only_takes_the_others_out_of_the_run() -> None:
    one, other = items("items: {a: file-exists, b: http}", about=scope(only=["b"]))
    assert one.skipped == (SkippedBy.ONLY, "not asked for")
    assert not one.planned
    assert other.planned


def test_only_refuses_an_unknown_id() -> None:
    with pytest.raises(ConfigurationError, match="there is no item 'c'"):
        items("items: {a: file-exists}", about=scope(only=["c"]))


def test_when_excludes_with_its_reason_and_stays_planned() -> None:
    text = "items: {a: {check: file-exists, when: {labels: [backend], reason: only backend}}}"
    (item,) = items(text)
    assert item.skipped == (SkippedBy.WHEN, "only backend: none of the labels backend")
    assert item.planned
    (item,) = items(text, about=scope(labels=["backend", "urgent"]))
    assert item.skipped is None


def test_changed_files_that_cannot_be_read_are_no_reason_to_skip() -> None:
    def unreadable() -> list[str]:
        raise ForgeError("no answer")

    with pytest.raises(ForgeError):
        items(
            "items: {a: {check: file-exists, when: {paths: [src/**]}}}",
            about=scope(changed_files=unreadable),
        )


IDS = ["alpha", "beta", "gamma", "delta"]
ITEM = st.fixed_dictionaries(
    {"check": st.sampled_from(["file-exists", "http", "command", "attestation"])},
    optional={
        "severity": st.sampled_from([one.value for one in Severity]),
        "stage": st.sampled_from([one.value for one in Stage]),
        "blocking": st.booleans(),
        "phase": st.sampled_from(["mvp", "next"]),
    },
)


@given(
    st.dictionaries(st.sampled_from(IDS), ITEM, min_size=1),
    st.sampled_from(["all", "ticked", "none"]),
    st.sampled_from(["mvp", "next"]),
)
def test_every_item_is_in_the_plan_once_and_the_plan_is_stable(
    given_items: dict[str, dict[str, Any]], enforce: str, phase: str
) -> None:
    text = f"enforce: {enforce}\nphases: [mvp, next]\nphase: {phase}\nitems:\n" + "\n".join(
        f"  {id_}: {{{', '.join(f'{key}: {_yaml(value)}' for key, value in item.items())}}}"
        for id_, item in given_items.items()
    )
    planned = items(text)
    assert [item.id for item in planned] == list(given_items)
    assert planned == items(text)
    for item in planned:
        later = item.phase == "next" and phase == "mvp"
        assert not (item.blocking and (enforce == "none" or later))


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
