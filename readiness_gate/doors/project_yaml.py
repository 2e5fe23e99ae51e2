"""YAML that the target wrote for other programs, such as compose files: read, never judged.

Unlike `doors/yaml.py` it follows aliases and merge keys and drops tags (`!reset`, `!override`),
as the programs do that these files are for. Shared nodes stay shared, so that an alias bomb costs
what its text costs (notes on security F10).
"""

from typing import Any

import yaml

from readiness_gate.errors import ConfigurationError

SIZE_CAP = 1024 * 1024
_MERGE = "tag:yaml.org,2002:merge"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_all(text: str, *, name: str) -> list[Any]:
    """Return the documents of a file as dicts, lists and texts; every scalar stays text.

    Raises:
        ConfigurationError: the text is not YAML, holds a cycle, or is over the cap.
    """
    if len(text) > SIZE_CAP:
        raise ConfigurationError(f"{name}: larger than {SIZE_CAP} bytes")
    try:
        memo: dict[int, Any] = {}
        return [_plain(node, memo, name) for node in yaml.compose_all(text, Loader=_LOADER)]
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        problem = getattr(error, "problem", None) or type(error).__name__
        raise ConfigurationError(f"{place}: not YAML: {problem}") from error


def _plain(node: yaml.Node, memo: dict[int, Any], name: str) -> Any:
    key = id(node)
    if key in memo:
        if memo[key] is None:
            raise ConfigurationError(f"{name}: an alias contains itself")
        return memo[key]
    memo[key] = None
    if isinstance(node, yaml.MappingNode):
        value: Any = _mapping(node, memo, name)
    elif isinstance(node, yaml.SequenceNode):
        value = [_plain(child, memo, name) for child in node.value]
    else:
        value = str(node.value)
    memo[key] = value
    return value


def _mapping(node: yaml.MappingNode, memo: dict[int, Any], name: str) -> dict[str, Any]:
    own: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key_node, value_node in node.value:
        value = _plain(value_node, memo, name)
        if key_node.tag == _MERGE:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    merged = {**part, **merged}
        else:
            own[str(key_node.value)] = value
    return {**merged, **own}
