"""The base of everything that is written to, or read from, JSON and YAML."""

from pydantic import BaseModel, ConfigDict


def kebab(name: str) -> str:
    """Return the public spelling of a field: `wait_timeout` is written `wait-timeout`."""
    return name.replace("_", "-")


class Record(BaseModel):
    """Frozen data with kebab-case names outside; unknown keys are errors."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=kebab,
        populate_by_name=True,
        hide_input_in_errors=True,
        # Built when first used, so that a command pays only for the records that it reads.
        defer_build=True,
    )
