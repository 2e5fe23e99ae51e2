"""All checks by id; the module of each is imported when it is first asked for."""

import json
from collections.abc import Iterator, Mapping
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

from readiness_gate.model.outcome import Family

if TYPE_CHECKING:
    # What a check is made of costs a listing command a tenth of a second.
    from readiness_gate.checks.base import Check


class Catalogue(Mapping[str, "Check[Any]"]):
    """The checks in the order in which they are listed.

    Ids cost nothing; `catalogue[id]` imports `checks/<family>/<id in snake case>.py` and returns
    its `CHECK`, so that a command pays only for the checks that it uses.
    """

    def __init__(self, listed: Mapping[Family, tuple[str, ...]]) -> None:
        """Take the ids of every family, in the order of the catalogue (DESIGN 3)."""
        self._families = {id_: family for family, ids in listed.items() for id_ in ids}

    def __getitem__(self, check_id: str) -> "Check[Any]":
        """Return the check of an id.

        Raises:
            KeyError: there is none.
        """
        family = self._families[check_id]
        name = f"readiness_gate.checks.{family.value}.{check_id.replace('-', '_')}"
        check: Check[Any] = import_module(name).CHECK
        return check

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._families)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._families)

    def __contains__(self, check_id: object) -> bool:
        """Return whether there is such a check; imports nothing."""
        return check_id in self._families


def described() -> list[dict[str, Any]]:
    """Return what there is to say of every check, without importing one.

    Each is `{id, family, class, needs, title, options, remediation, example}`: options as JSON
    Schema, the example as one line below `items:`. The file is written from the modules
    (`make docs`), and a test holds the two equal.
    """
    text = resources.files("readiness_gate").joinpath("checks", "catalogue.json").read_text("utf-8")
    entries: list[dict[str, Any]] = json.loads(text)
    return entries
