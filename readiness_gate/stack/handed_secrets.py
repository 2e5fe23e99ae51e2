"""Which of the values that are handed to a service nobody may read."""

import re
from collections.abc import Mapping

_NAME = re.compile(
    r"(^|_)(password|passwd|pwd|secret|token|credentials?|api_?key|access_?key|private_?key|"
    r"signing_?key|encryption_?key|dsn)(_|$)",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"://[^\s/:@]{0,200}:([^\s/@]{1,400})@")


def secret_values(variables: Mapping[str, str], passed_on: Mapping[str, str]) -> dict[str, str]:
    """Return secret values by the name of their variable.

    Secret is what the step's environment passed on, what a variable's name says, and the password
    within an address.

    Args:
        variables: all that the service has.
        passed_on: what came from the step's environment, by its name there.
    """
    handed = {value for value in passed_on.values() if value}
    found = {
        name: value
        for name, value in variables.items()
        if value and (_NAME.search(name) or value in handed)
    }
    for name, value in variables.items():
        for password in _USER_INFO.findall(value):
            found[f"{name} (its password)"] = password
    return found
