"""The ruleset that requires both statuses, in the form of GitHub's rulesets API."""

from typing import Any

from readiness_gate.adopt.doctor.names import contexts

ACTIONS_APP = 15368
"""GitHub Actions, the author of what a workflow's own token writes (github.com)."""


def ruleset(prefix: str, *, app: int | None) -> dict[str, Any]:
    """Return the ruleset; `app` is the expected source of the statuses, `None` takes any."""
    source = {} if app is None else {"integration_id": app}
    return {
        "name": "Production readiness",
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [
            {
                "type": "required_status_checks",
                "parameters": {
                    "strict_required_status_checks_policy": False,
                    "required_status_checks": [
                        {"context": context, **source} for context in contexts(prefix)
                    ],
                },
            }
        ],
    }
