import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.model.evidence import CommandEvidence, TableEvidence
from readiness_gate.model.outcome import Outcome
from readiness_gate.report.redact import TEXT_CAP, redacted, redaction
from tests.report.builders import BLOCKED, item, report

SECRET = "s3cr3t-of-the-database"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"password={SECRET};",
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"u:{SECRET}:more".encode()).decode(),
        base64.b64encode(f"us:{SECRET}".encode()).decode(),
        f"{SECRET[:10]}\n{SECRET[10:]}",
        f"{SECRET[:5]}\r\n{SECRET[5:]}",
    ],
)
def test_an_exact_value_goes_in_every_form(text: str) -> None:
    shown = redaction([SECRET])(f"before {text} after")
    assert "***" in shown
    assert SECRET not in shown.replace("\r", "").replace("\n", "")
    assert SECRET[:9] not in shown
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + SECRET.encode()).decode()[4:-4]
        assert coded not in shown


def test_the_url_form_goes() -> None:
    assert redaction(["p@ss/word"])("postgresql://app:p%40ss%2Fword@db/shop").count("***") >= 1
    assert "p%40ss" not in redaction(["p@ss/word"])("x p%40ss%2Fword y")


@pytest.mark.parametrize(
    "token",
    [
        "ghp_" + "a1B2" * 9,
        "ghs_" + "a1B2" * 9,
        "github_pat_" + "A1b2" * 12,
        "glpat-" + "a1B2c3" * 4,
        "xoxb-1234567890-abcdef",
        "sk_live_" + "a1B2" * 6,
        "AKIA" + "ABCD1234" * 2,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIE\ncut off in the middle",
    ],
)
def test_a_token_is_known_by_its_shape(token: str) -> None:
    shown = redaction([])(f"see {token}")
    assert shown == "see ***"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://app:hunter2@db:5432/shop", "postgresql://app:***@db:5432/shop"),
        ("redis://:hunter2@redis:6379", "redis://:***@redis:6379"),
        ("POSTGRES_PASSWORD=hunter2 next", "POSTGRES_PASSWORD=*** next"),
        ("export JWT_SECRET='hunter2'", "export JWT_SECRET='hunter2'"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
        ("http://backend:8000/health", "http://backend:8000/health"),
        ("the token is missing", "the token is missing"),
        ("secret-scan found 3", "secret-scan found 3"),
        ("visits.patient_id -> patients.id", "visits.patient_id -> patients.id"),
    ],
)
def test_passwords_go_and_plain_words_stay(text: str, expected: str) -> None:
    assert redaction([])(text) == expected


def test_a_report_keeps_what_holds_it_together() -> None:
    once = redacted(BLOCKED, ["no-orphans", "table"])
    assert [one.id for one in once.items] == [one.id for one in BLOCKED.items]
    assert [one.cause for one in once.items] == [one.cause for one in BLOCKED.items]
    assert once.verdict is BLOCKED.verdict


def test_evidence_is_redacted_in_its_depth() -> None:
    evidence = (
        CommandEvidence(argv=("psql", f"postgresql://a:{SECRET}@db"), exit_code=1, output=SECRET),
        TableEvidence(title=SECRET, columns=("a",), rows=((SECRET,),)),
    )
    shown = redacted(report(item("a", Outcome.FAILED, evidence=evidence)), [SECRET])
    assert SECRET not in shown.model_dump_json()


def test_a_short_value_is_left_alone() -> None:
    assert redaction(["abc", ""])("abcdef") == "abcdef"


def test_a_long_text_keeps_its_end_and_no_part_of_a_secret() -> None:
    text = f"{'x' * 100_000}{SECRET}{'y' * (TEXT_CAP - 5)}"
    shown = redacted(report(item("a", details=text)), [SECRET]).items[0].details
    assert len(shown) <= TEXT_CAP + 1
    assert shown.endswith("yyy")
    assert SECRET[-5:] not in shown


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    hide = redaction([SECRET])
    assert hide(hide(text)) == hide(text)


@pytest.mark.parametrize("text", ["-", "A", "_", "eyJ", "a://", "a://b:", "TOKEN", "a.", "Bearer "])
def test_no_text_takes_long(text: str) -> None:
    hide = redaction([SECRET])
    began = time.process_time()
    hide(text * 60_000)
    assert time.process_time() - began < 2
