"""Waivers and attestations: who, until when, for what; malformed entries are placed."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from readiness_gate.checklist import attestations, waivers
from readiness_gate.checklist.attestations import AttestationRecord, load_attestations
from readiness_gate.checklist.entries import expired
from readiness_gate.checklist.waivers import load_waivers
from readiness_gate.errors import ConfigurationError

WAIVER = (
    "- id: slow-search\n  reason: index comes next week\n  requested-by: dev\n"
    "  approved-by: lead\n  expires: 2026-06-30\n"
)
SIGNED = "- {id: legal, by: counsel, evidence: https://docs.example/1, date: 2026-01-02"


def test_a_waiver_is_read_whole() -> None:
    (waiver,) = load_waivers(WAIVER + "  link: https://tracker.example/8\n").entries
    assert (waiver.id, waiver.approved_by, waiver.expires) == (
        "slow-search",
        "lead",
        date(2026, 6, 30),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WAIVER.replace("lead", "'@DEV'"), "1:3: entry 1: approved-by has to be somebody else"),
        (WAIVER.replace("2026-06-30", "2026-02-30"), "5:12: entry 1.expires: there is no such day"),
        (WAIVER.replace("2026-06-30", "30.06.2026"), "5:12: entry 1.expires: there is no such day"),
        (WAIVER.replace("2026-06-30", "20260630"), "5:12: entry 1.expires: write a date such as"),
        (WAIVER.replace("expires", "expiry"), "1:3: entry 1: key 'expires' is missing"),
        (WAIVER.replace("reason", "raeson"), "1:3: entry 1: key 'reason' is missing"),
        (WAIVER.replace("index comes next week", "''"), "2:11: entry 1.reason: has to be a text"),
        (WAIVER.replace("slow-search", "a/b"), "1:7: entry 1.id: has to match"),
        (WAIVER + WAIVER, "6:7: 'slow-search' has a waiver in line 1"),
        ("id: x", "1:1: has to be a list"),
        ("- x", "1:3: entry 1: has to be a mapping"),
    ],
)
def test_a_malformed_waiver_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_waivers(text, name="w.yml")
    assert caught.value.message.startswith(f"w.yml:{message}")


def test_an_empty_file_holds_no_entry() -> None:
    assert load_waivers("").entries == ()
    assert load_attestations("# none yet\n").entries == ()
    assert load_attestations("[]").entries == ()


def test_ids_that_no_item_has_are_named_with_advice() -> None:
    waivers = load_waivers(WAIVER)
    assert waivers.unknown_ids(["slow-search"]) == ()
    (problem,) = waivers.unknown_ids(["slow-serach"])
    assert problem.at == (1, 7)
    assert problem.message == "no item is called 'slow-search', did you mean 'slow-serach'?"


def test_what_expires_holds_to_the_end_of_the_day_in_utc() -> None:
    day = date(2026, 6, 30)
    last = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert not expired(day, last)
    assert expired(day, last + timedelta(seconds=1))
    west = timezone(timedelta(hours=-8))
    assert expired(day, datetime(2026, 6, 30, 16, 0, tzinfo=west))
    assert not expired(None, last)
    assert not expired(date.max, last)


def test_an_attestation_covers_the_repository_unless_it_says_otherwise() -> None:
    (signed,) = load_attestations(SIGNED + "}").entries
    assert (signed.by, signed.date, signed.expires) == ("counsel", date(2026, 1, 2), None)
    assert signed.scope == "repository"


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        (", scope: everything}", "write repository, pull-request 30, or commit with a full SHA"),
        (", scope: pull-request 0}", "write repository"),
        (", scope: commit abc1234}", "write repository"),
        (", scope: 3}", "write repository"),
        (", expires: 2026-01-01}", "expires lies before date"),
        (", until: 2027-01-01}", "unknown key 'until'"),
    ],
)
def test_a_malformed_attestation_is_refused(rest: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_attestations(SIGNED + rest, name="a.yml")
    assert caught.value.message.startswith("a.yml:1:")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("schema", "good"),
    [(waivers.json_schema(), load_waivers(WAIVER)), (attestations.json_schema(), None)],
)
def test_editors_are_told_of_every_key_of_the_files(schema: Any, good: object) -> None:
    assert schema["title"].startswith("readiness-")
    assert schema["description"].endswith(".")
    keys = schema["items"]["properties"]
    assert all(one["description"].endswith(".") for one in keys.values())
    assert schema["items"]["additionalProperties"] is False
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate([], schema)
    jsonschema.validate(None, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([{"id": "a"}], schema)
    if good is not None:
        entry = {
            "id": "slow-search", "reason": "r", "requested-by": "dev", "approved-by": "lead",
            "expires": "2026-06-30",
        }  # fmt: skip
        jsonschema.validate([entry], schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate([entry | {"expires": "30.6.2026"}], schema)


def test_an_item_may_have_several_attestations() -> None:
    found = load_attestations(f"{SIGNED}}}\n{SIGNED.replace('counsel', 'lead')}}}\n").entries
    assert [signed.by for signed in found] == ["counsel", "lead"]
    assert all(isinstance(signed, AttestationRecord) for signed in found)
