import base64
from urllib.parse import quote

from readiness_gate.checks.masks import Masks
from readiness_gate.model.evidence import RequestEvidence, TableEvidence, TextEvidence
from readiness_gate.model.result import failed, passed

SECRET = "p&ss wörd/1"


def test_a_secret_leaves_every_text_in_every_form() -> None:
    masks = Masks()
    masks.add([SECRET])
    coded = base64.b64encode(f"{SECRET}".encode()).decode()
    forms = [SECRET, quote(SECRET, safe=""), coded]
    for form in forms:
        assert form not in masks.hide(f"<{form}>")
    table = TableEvidence(title=SECRET, columns=(SECRET,), rows=((SECRET, "x"),))
    request = RequestEvidence(
        method="GET", url=f"http://a/{SECRET}", status=200, headers=(("a", SECRET),), body=SECRET
    )
    text = TextEvidence(title="t", text=SECRET)
    result = failed(SECRET, details=SECRET, evidence=[table, request, text], remediation=SECRET)
    hidden = masks.result(result)
    assert SECRET not in str(hidden)
    assert [one.kind for one in hidden.evidence] == ["table", "request", "text"]
    assert hidden.outcome is result.outcome


def test_the_longer_of_two_goes_first_and_words_stay() -> None:
    masks = Masks()
    masks.add(["secret", "secret-longer", "abc", ""])
    assert masks.hide("secret-longer secret abc") == "*** *** abc"


def test_nothing_known_changes_nothing() -> None:
    result = passed("fine", evidence=[TextEvidence(title="a", text="b")])
    assert Masks().result(result) is result
