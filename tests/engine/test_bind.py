"""What makes two bound checks the same one."""

from readiness_gate.engine.bind import BoundCheck
from readiness_gate.model.outcome import Need
from tests.engine.builders import Options, check


def test_equal_check_and_options_have_one_key_whatever_item_asks() -> None:
    one = BoundCheck(check("http"), Options(value="x"), "a")
    assert one.key == one._replace(item="b").key
    assert one.key != one._replace(options=Options(value="y")).key
    assert one.key != one._replace(check=check("command")).key


def test_a_check_that_depends_on_its_item_has_a_key_for_each() -> None:
    one = BoundCheck(check("attestation", per_item=True), Options(), "a")
    assert one.key != one._replace(item="b").key


def test_options_may_need_less_than_the_check() -> None:
    known = check("command", needs=[Need.STACK])
    refined = known._replace(refine_needs=lambda options: frozenset())
    assert BoundCheck(known, Options(), "a").needs == {Need.STACK}
    assert BoundCheck(refined, Options(), "a").needs == frozenset()
