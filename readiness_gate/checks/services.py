"""Which services of the stack a check looks at, where its options name none."""

from collections.abc import Sequence

from readiness_gate.checks.context import CheckContext
from readiness_gate.errors import ConfigurationError
from readiness_gate.stack.base import ServiceHealth, Stack

_WAITED = ("settled", "stack")


def stack_of(context: CheckContext) -> Stack:
    """Return the stack.

    Raises:
        ConfigurationError: none is configured.
    """
    if context.stack is None:
        raise ConfigurationError("no stack is configured", advice="Add the section stack.")
    return context.stack


def chosen(context: CheckContext, named: Sequence[str]) -> tuple[str, ...]:
    """Return the named services, or all that stay up where none is named.

    Raises:
        ConfigurationError: there is no stack, no such service, or none that stays up.
    """
    stack = stack_of(context)
    for name in named:
        if stack.services and name not in stack.services:
            raise ConfigurationError(
                f"there is no service {name}: there are {', '.join(stack.services)}",
                advice="Correct the name in the item, or enable it by stack.profiles.",
            )
    if named:
        return tuple(dict.fromkeys(named))
    ended = {one.service for one in health(context) if one.one_shot}
    staying = tuple(name for name in stack.services if name not in ended)
    # A driver without services says so itself, when it is asked for the first.
    return staying or stack.services or ("the target",)


def health(context: CheckContext) -> tuple[ServiceHealth, ...]:
    """Return what the waiter saw of the services, empty where it did not look."""
    records = (context.steps[name] for name in _WAITED if name in context.steps)
    return next((record.health for record in records if record.health), ())


def built(context: CheckContext) -> frozenset[str]:
    """Return the services whose images were built from the checkout."""
    record = context.steps.get("images")
    images = record.images if record is not None else ()
    return frozenset(image.service for image in images if image.built)
