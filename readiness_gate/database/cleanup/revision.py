"""The text of the Alembic revision, out of `templates/clean_up_revision.py.j2`."""

import hashlib
import json
from collections.abc import Sequence
from pprint import pformat

from readiness_gate.database.cleanup.plan import Step

_WIDTH = 96


def identifier(steps: Sequence[Step], after: Sequence[str]) -> str:
    """Return the id of the revision: the same plan on the same revisions has the same one."""
    plan = [(step.key.label, step.decision.action.value, step.where) for step in steps]
    digest = hashlib.sha256(json.dumps([plan, sorted(after)]).encode())
    return digest.hexdigest()[:12]


def text(steps: Sequence[Step], after: Sequence[str]) -> str:
    """Return the revision's source; `after` are the revisions at which the database stands."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    made = identifier(steps, after)
    suffix = made[:6]
    environment = Environment(
        loader=PackageLoader("readiness_gate"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the text is Python; every value passes `literal`
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = _literal
    rows = sum(step.rows for step in steps)
    return environment.get_template("clean_up_revision.py.j2").render(
        revision=made,
        suffix=suffix,
        down_revision=after[0] if len(after) == 1 else tuple(after) or None,
        revises=", ".join(after),
        summary=f"{rows} rows under {len({s.key.label for s in steps if s.rows})} foreign keys.",
        steps=[step.as_data(number, suffix) for number, step in enumerate(steps, 1)],
    )


def _literal(value: object) -> str:
    return pformat(value, width=_WIDTH, sort_dicts=False)
