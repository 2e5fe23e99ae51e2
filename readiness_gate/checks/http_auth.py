"""Who a request says it comes from: basic and bearer, literally or out of a named variable."""

import base64
from contextlib import suppress

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.filling import Fill, as_it_is
from readiness_gate.checks.masks import Masks
from readiness_gate.checks.options.auth import Auth
from readiness_gate.errors import ConfigurationError, StackError


def named_value(context: CheckContext, variable: str, masks: Masks) -> str:
    """Return the value of a variable of the gate, or else of a service; it is masked from now on.

    Raises:
        ConfigurationError: nobody has it, or services have different ones.
    """
    found = context.variables.get(variable)
    if not found:
        known = {value for value in _of_services(context, variable) if value}
        if len(known) > 1:
            raise ConfigurationError(
                f"services have different values of {variable}",
                advice=f"Set {variable} in the step's environment.",
            )
        found = next(iter(known), "")
    if not found:
        raise ConfigurationError(
            f"neither the gate nor a service has the variable {variable}",
            advice=f"Set {variable} in the step's environment, out of a secret.",
        )
    masks.add([found])
    return found


def _of_services(context: CheckContext, variable: str) -> list[str]:
    stack, found = context.stack, []
    for service in stack.services if stack is not None else ():
        with suppress(StackError):
            found.append(stack.environment(service).get(variable, "") if stack else "")
    return found


def authorization(context: CheckContext, auth: Auth, masks: Masks, fill: Fill = as_it_is) -> str:
    """Return the value of the header Authorization.

    Raises:
        ConfigurationError: a named variable has no value.
    """
    if auth.user is not None:
        if auth.password_from is not None:
            password = named_value(context, auth.password_from, masks)
        else:
            password = fill(auth.password or "")
        pair = base64.b64encode(f"{fill(auth.user)}:{password}".encode()).decode()
        masks.add([pair])
        return f"Basic {pair}"
    if auth.bearer_from is not None:
        return f"Bearer {named_value(context, auth.bearer_from, masks)}"
    return f"Bearer {fill(auth.bearer or '')}"
