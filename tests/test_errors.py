"""Every error carries its message, its advice and an exit code of the public contract."""

import pytest

from readiness_gate.errors import (
    ConfigurationError,
    DatabaseError,
    ForgeError,
    GateError,
    Interrupted,
    PermissionMissing,
    StackError,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GateError("m", advice="a"), 3),
        (ConfigurationError("m", advice="a"), 2),
        (ForgeError("m", advice="a"), 3),
        (PermissionMissing("m", permission="statuses: write", advice="a"), 3),
        (StackError("m", advice="a"), 3),
        (DatabaseError("m", advice="a"), 3),
        (Interrupted("m", advice="a"), 130),
    ],
)
def test_message_advice_and_exit_code(error: GateError, code: int) -> None:
    assert (error.message, error.advice, str(error), error.exit_code) == ("m", "a", "m", code)


def test_a_missing_permission_is_a_problem_with_the_forge_that_names_it() -> None:
    error = PermissionMissing("m", permission="statuses: write")
    assert isinstance(error, ForgeError)
    assert error.permission == "statuses: write"


def test_a_stack_error_says_whose_fault_it_is() -> None:
    assert not StackError("m").infrastructure
    assert StackError("m", infrastructure=True, log="tail").log == "tail"
