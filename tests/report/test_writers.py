import json
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import-untyped]
import pytest

from readiness_gate.model.evidence import LocationEvidence
from readiness_gate.model.outcome import Outcome, Severity
from readiness_gate.report.json_report import from_json, schema, to_json
from readiness_gate.report.junit import to_junit
from readiness_gate.report.sarif import to_sarif
from tests.report.builders import BLOCKED, MERGE_GROUP, PREVIEW, READY, WAITING, item, report

CASES = [BLOCKED, WAITING, READY, MERGE_GROUP, PREVIEW]


@pytest.mark.parametrize("case", CASES)
def test_a_report_comes_back_out_of_its_json(case: object) -> None:
    assert from_json(to_json(case)) == case  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES)
def test_the_json_fits_its_schema(case: object) -> None:
    jsonschema.validate(json.loads(to_json(case)), schema())  # type: ignore[arg-type]


def test_keys_are_kebab_case_and_items_keep_their_words() -> None:
    data = json.loads(to_json(BLOCKED))
    assert data["schema-version"] == 1
    assert data["conclusions"] == {"merge": "pending", "checks": "failure"}
    smoke = next(one for one in data["items"] if one["id"] == "smoke")
    assert (smoke["class"], smoke["cause"]) == ("prerequisite", "stack-health")
    backup = next(one for one in data["items"] if one["id"] == "backup-drill")
    assert backup["skipped-by"] == "stage"
    assert data["merge"]["edges"][0]["from"] == "acme/shop#10"


def test_an_unknown_key_is_refused() -> None:
    data = json.loads(to_json(READY)) | {"verdict-2": "ready"}
    with pytest.raises(ValueError, match="verdict-2"):
        from_json(json.dumps(data))


def test_junit_has_a_case_per_item_and_never_calls_waiting_fine() -> None:
    root = ElementTree.fromstring(to_junit(BLOCKED))
    cases = {str(one.get("name")).split(":")[0]: one for one in root.iter("testcase")}
    assert set(cases) == {one.id for one in BLOCKED.items}
    assert cases["merge-order"].find("failure") is not None
    assert cases["no-orphans"].find("failure") is not None
    assert cases["image-build"].find("error") is not None
    assert cases["rate-limit"].find("skipped") is not None
    assert list(cases["env-documented"]) == []


def test_junit_counts_what_it_holds() -> None:
    for suite in ElementTree.fromstring(to_junit(BLOCKED)).iter("testsuite"):
        assert int(str(suite.get("tests"))) == len(suite.findall("testcase"))
        for attribute, word in (("failures", "failure"), ("errors", "error"), ("skipped",) * 2):
            assert int(str(suite.get(attribute))) == len(suite.findall(f"testcase/{word}"))


def test_sarif_points_at_the_places_of_what_failed() -> None:
    run = json.loads(to_sarif(BLOCKED))["runs"][0]
    found = {one["ruleId"]: one for one in run["results"]}
    assert {"no-orphans", "stack-health", "image-build"} <= set(found)
    assert "merge-order" not in found
    place = found["stack-health"]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "docker-compose.yml"},
        "region": {"startLine": 41},
    }
    assert all(one["locations"] for one in run["results"])
    for one in run["results"]:
        assert run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"]


def test_each_place_is_a_result_of_its_own_that_stays_itself_when_it_moves() -> None:
    def results(*lines: int) -> list[dict[str, Any]]:
        places = [LocationEvidence(path="a.py", line=line, text="why") for line in lines]
        log = json.loads(to_sarif(report(item("a", Outcome.FAILED, evidence=places))))
        found: list[dict[str, Any]] = log["runs"][0]["results"]
        return found

    both = results(3, 9)
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in both]
    assert lines == [3, 9]
    assert all(len(one["locations"]) == 1 for one in both)
    assert both[0]["message"]["text"].startswith("why")
    assert results(4)[0]["partialFingerprints"] == both[0]["partialFingerprints"]
    assert len(results(*range(1, 6_000))) == 5_000


def test_what_code_scanning_takes_is_kept_within_its_bounds() -> None:
    places = [LocationEvidence(path="a.py", line=line) for line in range(1, 4_000)]
    case = report(
        item("beside", Outcome.FAILED, blocking=False, evidence=places),
        item("mild", Outcome.FAILED, severity=Severity.LOW, evidence=places),
        item(
            "bad",
            Outcome.FAILED,
            severity=Severity.CRITICAL,
            summary="x" * 3_000,
            title="y" * 2_000,
        ),
    )
    run = json.loads(to_sarif(case))["runs"][0]
    ids = [one["ruleId"] for one in run["results"]]
    assert len(ids) == 5_000
    assert list(dict.fromkeys(ids)) == ["bad", "mild", "beside"]
    for rule in run["tool"]["driver"]["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1_024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1_024
        assert rule["help"]["text"]


def test_what_does_not_block_is_a_note() -> None:
    case = report(item("a", Outcome.FAILED, blocking=False))
    assert json.loads(to_sarif(case))["runs"][0]["results"][0]["level"] == "note"
