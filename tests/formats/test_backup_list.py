from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_gate.formats.backup_list import Backup, moment, read_backups

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "100 2026-03-01T12:00:00Z a.dump",
        "100 1772366400 a.dump",
        "100 1772366400.0000000000 a.dump\n",
        "100 2026-03-01 12:00:00.000000000 +0000 a.dump",
        '[{"name": "a.dump", "size": 100, "time": "2026-03-01T12:00:00+00:00"}]',
        '{"Contents": [{"Key": "a.dump", "Size": 100, "LastModified": "2026-03-01T12:00:00Z"}]}',
        '{"name": "a.dump", "size": 100, "time": "2026-03-01T13:00:00+01:00"}\n',
    ],
)
def test_forms_of_a_listing(text: str) -> None:
    assert read_backups(text) == (Backup("a.dump", 100, NOON),)


def test_the_newest_comes_first_whatever_the_order() -> None:
    found = read_backups("1 1772366400 old\n2 1772370000 new name with spaces\n")
    assert [one.name for one in found] == ["new name with spaces", "old"]


def test_encryption_is_said_or_unknown() -> None:
    entries = (
        '[{"name": "a", "size": 1, "time": "2026-03-01", "encrypted": true},'
        '{"name": "b", "size": 1, "time": "2026-03-01", "ServerSideEncryption": "AES256"},'
        '{"name": "c", "size": 1, "time": "2026-03-01", "encrypted": false},'
        '{"name": "d", "size": 1, "time": "2026-03-01"}]'
    )
    assert [one.encrypted for one in read_backups(entries)] == [True, True, False, None]


def test_nothing_is_no_backup() -> None:
    assert read_backups(" \n") == ()
    assert read_backups("[]") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("total 5", "is not SIZE TIME NAME"),
        ("5 yesterday a.dump", "is no moment"),
        ("[{", "no JSON"),
        ("{}", "no list of backups"),
        ("[1]", "is no backup"),
        ('[{"name": "a"}]', "no name or no time"),
        ('[{"name": "a", "time": "2026-03-01", "size": -1}]', "has no size"),
        ('[{"name": "a", "time": "2026-03-01", "size": true}]', "has no size"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_backups(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_backups(text)
    except ValueError:
        return


def test_a_moment_without_a_zone_is_taken_for_utc() -> None:
    assert moment("2026-03-01T12:00:00") == NOON
