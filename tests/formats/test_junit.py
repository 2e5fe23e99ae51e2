import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.junit import SIZE_CAP, read_junit

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1"
 tests="4" time="0.042" timestamp="2026-03-02T10:00:00+00:00" hostname="h">
<testcase classname="tests.test_orders" name="test_total" time="0.001" />
<testcase classname="tests.test_orders" name="test_stock[two]" time="0.003"><failure
 message="assert 3 == 2">def test_stock(count):
&gt;       assert stock(count) == 2
E       assert 3 == 2

tests/test_orders.py:12: AssertionError
tests/helper.py:99: in again</failure></testcase>
<testcase classname="tests.test_orders" name="test_later" time="0.000"><skipped
 type="pytest.skip" message="not yet">tests/test_orders.py:20: not yet</skipped></testcase>
<testcase classname="" name="tests.test_gone" time="0.000"><error
 message="collection failure">ImportError while importing test module</error></testcase>
</testsuite></testsuites>"""

JEST = b"""<testsuites name="jest tests" tests="2" failures="1" errors="0" time="1.2">
  <testsuite name="cart" errors="0" failures="1" skipped="0" tests="2">
    <testcase classname="cart adds" name="cart adds" time="0.005"/>
    <testcase classname="cart removes" name="cart removes" time="0.002">
      <failure>Error: expect(received).toBe(expected)
    at Object.toBe (/app/src/cart.test.js:14:22)
    at Promise (/app/node_modules/jest/a.js:1:1)</failure>
    </testcase>
  </testsuite>
</testsuites>"""

GOTESTSUM = b"""<testsuites tests="2" failures="1" errors="0" time="0.1">
<testsuite tests="2" failures="1" time="0.1" name="acme/shop"><properties>
<property name="go.version" value="go1.24"/></properties>
<testcase classname="acme/shop" name="TestTotal" time="0.0"><failure message="Failed" type="">
=== RUN   TestTotal
    total_test.go:17: got 3, want 2
--- FAIL: TestTotal (0.00s)</failure></testcase>
<testcase classname="acme/shop" name="TestSkip"><skipped message="short mode"/></testcase>
</testsuite></testsuites>"""

SUREFIRE = b"""<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 name="acme.CartTest" time="1,234.5" tests="2" errors="1" skipped="0" failures="0">
<testcase name="adds" classname="acme.CartTest" time="1,234.5">
<error message="boom" type="java.lang.IllegalStateException"><![CDATA[boom
	at acme.CartTest.adds(CartTest.java:31)]]></error><system-out>noise:1:</system-out></testcase>
<testcase name="sometimes" classname="acme.CartTest"><flakyFailure message="x"/></testcase>
</testsuite>"""


def test_pytest() -> None:
    report = read_junit(PYTEST)
    assert [case.outcome for case in report.cases] == ["passed", "failed", "skipped", "error"]
    failed, error = report.broken
    assert failed.id == "tests.test_orders.test_stock[two]"
    assert (failed.file, failed.line) == ("tests/test_orders.py", 12)
    assert (failed.message, failed.seconds) == ("assert 3 == 2", 0.003)
    assert error.id == "tests.test_gone"
    assert report.cases[2].message == "not yet"


@pytest.mark.parametrize(
    ("data", "outcomes", "place", "message"),
    [
        (JEST, ["passed", "failed"], ("/app/src/cart.test.js", 14), "Error: expect(received)"),
        (GOTESTSUM, ["failed", "skipped"], ("total_test.go", 17), "Failed"),
        (SUREFIRE, ["error", "passed"], ("CartTest.java", 31), "boom"),
    ],
)
def test_other_writers(
    data: bytes, outcomes: list[str], place: tuple[str, int], message: str
) -> None:
    report = read_junit(data)
    assert [case.outcome for case in report.cases] == outcomes
    (broken,) = report.broken
    assert (broken.file, broken.line) == place
    assert broken.message.startswith(message)


def test_nested_suites_are_read_through() -> None:
    report = read_junit(
        b"<testsuites><testsuite><testsuite><testcase name='a'/></testsuite>"
        b"<testcase name='b'/></testsuite></testsuites>"
    )
    assert [case.name for case in report.cases] == ["a", "b"]


def test_the_worst_of_several_endings_counts() -> None:
    report = read_junit(
        b"<testsuite><testcase name='a'><skipped/><failure message='f'/><error message='e'/>"
        b"</testcase><testcase name='b' status='notrun'/></testsuite>"
    )
    assert [(case.outcome, case.message) for case in report.cases] == [
        ("error", "e"),
        ("skipped", ""),
    ]


def test_a_place_of_the_attributes_is_taken_where_the_text_has_none() -> None:
    (case,) = read_junit(
        b"<testsuite><testcase name='a' file='tests/a.py' line='7'><failure/></testcase>"
        b"</testsuite>"
    ).cases
    assert (case.file, case.line) == ("tests/a.py", 7)


def test_commits_are_those_that_properties_of_suites_name() -> None:
    properties = (
        b"<properties><property name='GITHUB_SHA' value='%s'/><property name='env.CI_COMMIT_SHA' "
        b"value='%s'/><property name='git.commit.id' value='main'/><property name='a' value='%s'/>"
        b"</properties>" % (b"A" * 40, b"b" * 40, b"c" * 40)
    )
    case = b"<testcase name='a'><properties><property name='commit' value='%s'/></properties>"
    report = read_junit(
        b"<testsuite>" + properties + case % (b"d" * 40) + b"</testcase></testsuite>"
    )
    assert report.commits == ("a" * 40, "b" * 40)


def test_failures_that_no_test_shows_are_told() -> None:
    report = read_junit(b"<testsuite failures='1' errors='1'><testcase name='a'/></testsuite>")
    assert report.unexplained == 2
    assert read_junit(PYTEST).unexplained == 0


LAUGHS = b"""<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="&x;"/></testsuite>"""


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not well-formed"),
        (b"collected 0 items", "not well-formed"),
        (PYTEST[:-30], "not well-formed"),
        (PYTEST + b"<more/>", "not well-formed"),
        (b"<html/>", "the root is"),
        (LAUGHS, "document type"),
        (OUTSIDE, "document type"),
        (b"<!DOCTYPE a [<!ELEMENT a EMPTY>]><testsuite/>", "document type"),
        (b"<testsuite><testcase name='&undefined;'/></testsuite>", "not well-formed"),
        (b"<?xml version='1.0' encoding='utf-7'?><testsuite/>", "encoding"),
        (b"<testsuite><testcase/></testsuite>", "no name"),
        (b"<testsuite failures='many'/>", "not a number"),
        (b"<testsuite>" * 50 + b"</testsuite>" * 50, "nested deeper"),
        (b"<testsuite><testcase name='a'><testcase name='b'/></testcase></testsuite>", "inside"),
        (b" " * (SIZE_CAP + 1), "larger than"),
    ],
    ids=range(15),
)
def test_what_is_no_report_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read_junit(data)
    assert says in str(refused.value)


def test_a_test_that_prints_without_end_is_kept_short() -> None:
    text = b"tests/a.py:3: no\n" + b"x" * 5_000_000
    (case,) = read_junit(
        b"<testsuite><testcase name='a'><failure>" + text + b"</failure></testcase></testsuite>"
    ).cases
    assert len(case.text) <= 16_384
    assert (case.file, case.line) == ("tests/a.py", 3)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_report_or_refused(data: bytes) -> None:
    for whole in (data, b"<testsuite>" + data + b"</testsuite>"):
        try:
            read_junit(whole)
        except ValueError:
            continue
