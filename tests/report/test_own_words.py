import re

import pytest

from readiness_gate.report.own_words import advice, datum, own_words, titled
from tests.hostile.corpus import ATTACKS
from tests.hostile.reading import read


@pytest.mark.parametrize("words", sorted(own_words()))
def test_what_stands_as_prose_cannot_act(words: str) -> None:
    assert words.isprintable()
    reading = read(words)
    assert not [*reading.links, *reading.images, *reading.tags]
    # Outside of code: nothing that ends a cell, nothing that GitHub turns into a link.
    assert not re.search(r"[|<>*\[\]@#\\]|://|www\.|[0-9a-f]{7}", "".join(reading.text))


@pytest.mark.parametrize("name", ATTACKS)
def test_words_of_others_stand_as_code(name: str) -> None:
    for shown in (advice(ATTACKS[name]), titled(ATTACKS[name])):
        assert shown.startswith("`") or shown == "\N{EN DASH}"


def test_the_catalogues_own_advice_is_prose_only_as_a_whole() -> None:
    whole = max(own_words(), key=len)
    assert advice(whole) == whole
    assert advice(f"{whole} <b>").startswith("`")


def test_only_short_numbers_of_evidence_are_plain() -> None:
    assert datum("84") == "84"
    for other in ("", "1234567", "8 4", "-1", "1.", "४२"):
        assert datum(other).startswith("`")
