"""What a command or a suite is told of the services: variables, and ports forwarded to them."""

import re
from collections.abc import Mapping, Sequence
from importlib import resources

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Stack

_NO_HTTP = frozenset({1433, 1883, 3306, 4222, 5432, 5672, 6379, 9042, 9092, 11211, 27017})
_TLS = frozenset({443, 8443})
FORWARD = """
forward() {
  python=$1 perl=$2
  shift 2
  for program in python3 python; do
    if command -v "$program" >/dev/null 2>&1; then
      "$program" -c "$python" "$@" && return
    fi
  done
  if command -v perl >/dev/null 2>&1; then
    perl -e "$perl" "$@" && return
  fi
  echo "readiness-gate: published ports are not forwarded: this image has no python and no perl" >&2
}
"""
"""Shell function that makes published ports answer on 127.0.0.1, as far as the image can."""


def endpoint_variables(stack: Stack, *, inside: bool) -> dict[str, str]:
    """Return `GATE_<SERVICE>_HOST`, `_PORT` and `_URL` of every service with a known port.

    The first port counts. A port that speaks another language than HTTP gets no `_URL`.

    Args:
        stack: the running stack.
        inside: as containers of the stack see it, or else from where the gate runs.
    """
    found: dict[str, str] = {}
    for service in stack.services:
        try:
            ports = stack.ports(service)
            if not ports:
                continue
            host, port = stack.host(service), ports[0]
            if not inside:
                address = stack.address(service, port)
                host, port = address.host, address.port
        except StackError:
            # It does not run, or is not reached from here: a command may need others only.
            continue
        name = f"GATE_{re.sub(r'[^A-Z0-9]', '_', service.upper())}"
        found[f"{name}_HOST"], found[f"{name}_PORT"] = host, str(port)
        if ports[0] not in _NO_HTTP:
            scheme = "https" if ports[0] in _TLS else "http"
            found[f"{name}_URL"] = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
    return found


def forwards(stack: Stack) -> tuple[str, ...]:
    """Return `PORT=SERVICE:PORT` for every port that the project publishes on its machine."""
    return tuple(f"{one.port}={one.service}:{one.target}" for one in stack.published())


def forwarders() -> Sequence[str]:
    """Return the texts of the forwarder for Python and for perl."""
    folder = resources.files("readiness_gate").joinpath("probes")
    return [folder.joinpath(name).read_text() for name in ("forward.py", "forward.pl")]


def variables_for(
    stack: Stack | None, *, inside: bool, declared: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a command: those of the endpoints under what the item sets."""
    told = {} if stack is None else endpoint_variables(stack, inside=inside)
    return {**told, **declared}
