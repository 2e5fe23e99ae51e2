"""Compose's short forms written long, so that files that use either can be merged and asserted."""

from collections.abc import Callable, Mapping

from readiness_gate.formats.placed_tree import Tree


def written_long(tree: Tree) -> Tree:
    """Return a compose file with its services' short forms written long; others untouched."""
    services = tree.value.get("services")
    if services is None or not isinstance(services.value, dict):
        return tree
    long = {name: _service(one) for name, one in services.value.items()}
    return Tree(
        {**tree.value, "services": Tree(long, services.place, services.tag)}, tree.place, tree.tag
    )


def _service(service: Tree) -> Tree:
    if not isinstance(service.value, dict):
        return service
    value = {key: _FORMS[key](one) if key in _FORMS else one for key, one in service.value.items()}
    return Tree(value, service.place, service.tag)


def _assignments(tree: Tree) -> Tree:
    """Return `[A=1, B]` as `{A: 1, B: null}`."""
    if not tree.is_list:
        return tree
    value: dict[str, Tree] = {}
    for one in tree.value:
        name, sign, text = str(one.value).partition("=")
        value[name] = Tree(text if sign else None, one.place)
    return Tree(value, tree.place, tree.tag)


def _dependencies(tree: Tree) -> Tree:
    if not tree.is_list:
        return tree
    value = {
        str(one.value): Tree({"condition": Tree("service_started", one.place)}, one.place)
        for one in tree.value
    }
    return Tree(value, tree.place, tree.tag)


def _names(tree: Tree) -> Tree:
    if not tree.is_list:
        return tree
    value = {str(one.value): Tree(None, one.place) for one in tree.value}
    return Tree(value, tree.place, tree.tag)


def _build(tree: Tree) -> Tree:
    if not isinstance(tree.value, str):
        return tree
    return Tree({"context": Tree(tree.value, tree.place)}, tree.place, tree.tag)


def _volumes(tree: Tree) -> Tree:
    if not tree.is_list:
        return tree
    return Tree([_volume(one) for one in tree.value], tree.place, tree.tag)


def _volume(tree: Tree) -> Tree:
    """Return `source:target:mode` as a mapping, for Linux paths as compose itself tells them."""
    if not isinstance(tree.value, str):
        return tree
    parts = _outside_braces(tree.value)
    source, target = ("", parts[0]) if len(parts) == 1 else parts[:2]
    bind = source.startswith((".", "/", "~", "${PWD"))
    value = {"type": "bind" if bind else "volume", "source": source, "target": target.rstrip("/")}
    if len(parts) > 2 and "ro" in parts[2].split(","):
        value["read_only"] = "true"
    return Tree({key: Tree(one, tree.place) for key, one in value.items() if one}, tree.place)


def _ports(tree: Tree) -> Tree:
    if not tree.is_list:
        return tree
    return Tree([_port(one) for one in tree.value], tree.place, tree.tag)


def _port(tree: Tree) -> Tree:
    """Return `127.0.0.1:8000:80/udp` as `host_ip`, `published`, `target`; a bare 80 as target."""
    if isinstance(tree.value, dict):
        return tree
    address, _, protocol = str(tree.value).partition("/")
    parts = _outside_braces(address)
    value = {"target": parts[-1], "protocol": protocol or "tcp"}
    if len(parts) > 1:
        value["published"] = parts[-2]
    if len(parts) > 2:
        value["host_ip"] = ":".join(parts[:-2]).strip("[]")
    return Tree({key: Tree(one, tree.place) for key, one in value.items()}, tree.place)


def _outside_braces(text: str) -> list[str]:
    """Return a text split at colons, those of `${PORT:-80}` and `[::1]` left alone."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "{[") - (sign in "}]")
        if sign == ":" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


_FORMS: Mapping[str, Callable[[Tree], Tree]] = {
    "environment": _assignments,
    "labels": _assignments,
    "depends_on": _dependencies,
    "networks": _names,
    "build": _build,
    "volumes": _volumes,
    "ports": _ports,
}
