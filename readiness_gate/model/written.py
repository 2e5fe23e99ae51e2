"""A value as people write it: what reads it, and how an editor is told, in one annotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler


class Written:
    """Metadata of `Annotated`, for what pydantic's own take three pieces.

    `BeforeValidator`, `AfterValidator` and `WithJsonSchema` are looked into anew for every field
    that has them, and two hundred fields of a usual configuration do.
    https://docs.pydantic.dev/latest/concepts/types/#customizing-validation-with-__get_pydantic_core_schema__
    """

    __slots__ = ("_after", "_before", "_schema")

    def __init__(
        self,
        *,
        before: Callable[[Any], Any] | None = None,
        after: Callable[[Any], Any] | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the functions around the annotated type; they raise `ValueError` for a bad value.

        Args:
            before: makes the annotated type of what is written.
            after: returns what the annotated type accepted, if it is good.
            schema: JSON Schema of what is written; without one that of the annotated type.
        """
        self._before = before
        self._after = after
        self._schema = schema

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return the schema of the annotated type between the functions; bounds stay in it."""
        schema = handler(source)
        if self._before is not None:
            schema = core_schema.no_info_before_validator_function(self._before, schema)
        if self._after is not None:
            schema = core_schema.no_info_after_validator_function(self._after, schema)
        return schema

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the JSON Schema of what is written."""
        return handler(schema) if self._schema is None else dict(self._schema)
