from readiness_gate.stack.judge import Judgement
from readiness_gate.stack.progress import Progress

UP = Judgement("healthy", good=True)


def starting(cause: str = "its health check has not passed") -> Judgement:
    return Judgement("starting", cause=cause)


def heard(*looks: tuple[float, dict[str, Judgement]]) -> list[str]:
    said: list[str] = []
    progress = Progress(said.append)
    for at, judgements in looks:
        progress.look(judgements, at, at)
    return said


def test_it_says_what_is_waited_for_and_why() -> None:
    assert heard((3.0, {"db": UP, "api": starting()})) == [
        "after 3 s waiting for api (its health check has not passed)"
    ]


def test_a_quick_start_and_a_good_one_say_nothing() -> None:
    assert heard((0.5, {"api": starting()}), (3.0, {"api": UP})) == []


def test_the_same_services_are_named_again_only_after_a_while() -> None:
    looks = [(at / 10, {"api": starting(f"restarted {at} times")}) for at in range(20, 220)]
    assert len(heard(*looks)) == 2


def test_one_less_to_wait_for_is_said_at_once() -> None:
    said = heard(
        (3.0, {"api": starting(), "web": starting("it was not started")}),
        (3.1, {"api": UP, "web": starting("it was not started")}),
    )
    assert said[1] == "after 3 s waiting for web (it was not started)"


def test_many_are_counted() -> None:
    (line,) = heard((4.0, {f"s{n}": starting("x") for n in range(5)}))
    assert line == "after 4 s waiting for s0 (x); s1 (x); s2 (x) and 2 more"


def test_nobody_listens() -> None:
    Progress(None).look({"api": starting()}, 5.0, 5.0)
