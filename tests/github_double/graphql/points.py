"""What a query costs, by GitHub's formula, and what it may not ask for at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

_PAGE = 100
_NODES = 500_000


@dataclass
class Bill:
    """Connections to be fetched and nodes that can come, while a query is walked."""

    fetches: int = 0
    nodes: int = 0

    @property
    def points(self) -> int:
        """One point for a hundred fetches, at least one."""
        return max(1, round(self.fetches / 100))


class _Walk:
    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self.bill = Bill()
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def selections(self, chosen: SelectionSetNode | None, parent: Any, parents: int) -> None:
        for node in chosen.selections if chosen else ():
            if isinstance(node, FieldNode):
                self._field(node, parent, parents)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                name = fragment.type_condition.name.value
                self.selections(fragment.selection_set, self._schema.type_map[name], parents)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inside = self._schema.type_map[condition.name.value] if condition else parent
                self.selections(node.selection_set, inside, parents)

    def _field(self, node: FieldNode, parent: Any, parents: int) -> None:
        known = isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
        field = parent.fields.get(node.name.value) if known else None
        if field is None:
            return
        kind = get_named_type(field.type)
        if kind.name.endswith("Connection"):
            self.bill.fetches += parents
            parents *= self._size(node)
            self.bill.nodes += parents
        self.selections(node.selection_set, kind, parents)

    def _size(self, node: FieldNode) -> int:
        name = node.name.value
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value: Any = None
                if isinstance(argument.value, IntValueNode):
                    value = int(argument.value.value)
                elif isinstance(argument.value, VariableNode):
                    value = self._variables.get(argument.value.name.value)
                if value is None:
                    continue
                if not 0 <= value <= _PAGE:
                    text = f"Requesting {value} records on the `{name}` connection exceeds the "
                    text += f"`{argument.name.value}` limit of {_PAGE} records."
                    raise GraphQLError(text, extensions={"type": "EXCESSIVE_PAGINATION"})
                return int(value)
        text = f"You must provide a `first` or `last` value to properly paginate the `{name}` "
        raise GraphQLError(
            f"{text}connection.", extensions={"type": "MISSING_PAGINATION_BOUNDARIES"}
        )


def bill(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> Bill:
    """The cost of a valid document; raises GraphQLError for pages without or beyond bounds."""
    walk = _Walk(schema, document, variables)
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            walk.selections(node.selection_set, schema.query_type, 1)
    if walk.bill.nodes > _NODES:
        text = f"This query requests up to {walk.bill.nodes:,} possible nodes which exceeds the "
        raise GraphQLError(
            f"{text}maximum limit of {_NODES:,}.", extensions={"type": "MAX_NODE_LIMIT_EXCEEDED"}
        )
    return walk.bill
