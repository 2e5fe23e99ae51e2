from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.model.report import Span
from readiness_gate.report.gantt import MOST, gantt


def bar(name: str, kind: str = "check", start: int = 0, end: int = 10) -> Span:
    return Span.model_validate({"name": name, "kind": kind, "start_ms": start, "end_ms": end})


def test_sections_come_in_the_order_of_a_run() -> None:
    drawn = gantt(
        [
            bar("teardown", "teardown", 9_000, 9_500),
            bar("image web", "build", 0, 1_500),
            bar("service db", "boot", 1_500, 3_000),
            bar("http-health", "check", 3_000, 3_000),
        ]
    )
    assert drawn.splitlines() == [
        "```mermaid",
        "gantt",
        "    dateFormat x",
        "    axisFormat %M:%S",
        "    section build",
        "    image web :0, 1500",
        "    section boot",
        "    service db :1500, 3000",
        "    section check",
        "    http-health :3000, 3001",
        "    section teardown",
        "    teardown :9000, 9500",
        "```",
    ]


def test_nothing_is_drawn_of_nothing() -> None:
    assert gantt([]) == ""


def test_the_longest_are_kept() -> None:
    drawn = gantt([bar(f"a{number}", end=number + 1) for number in range(MOST + 20)])
    assert " a19 " not in drawn
    assert " a20 " in drawn
    assert drawn.count(" :0, ") == MOST


@given(st.text(max_size=80))
def test_a_name_is_one_harmless_word(name: str) -> None:
    lines = gantt([bar(name or "x")]).splitlines()
    assert len(lines) == 7
    word, _, rest = lines[5].partition(" :")
    assert rest == "0, 10"
    assert not set(word) & set(":;#`<>{}[]()%&\\\"'")
