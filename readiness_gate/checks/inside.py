"""Questions that are asked from within a running service, with whatever program it has.

Images differ: each question is a list of commands that mean the same, and the first that the image
has answers. An image that has none of them answers nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from readiness_gate.doors.programs import Completed
from readiness_gate.stack.base import Stack

_NOT_THERE = frozenset({126, 127})
_NOT_ABLE = re.compile(
    r"/dev/tcp/\S+: No such file|(invalid|unknown|unrecognized) option|^usage:|OCI runtime",
    re.IGNORECASE | re.MULTILINE,
)
"""What a program says that is there, but cannot ask: a shell or an nc that was built with less."""
_LATER = 2.0
"""Seconds that a program gets beyond the time that it waits itself."""

_CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])).close()
except OSError as error:
    print(error)
    sys.exit(1)
"""
_RESOLVE = """
import socket, sys
try:
    found = {one[4][0] for one in socket.getaddrinfo(sys.argv[1], None)}
except socket.gaierror as error:
    print(error)
    sys.exit(3 if error.errno == socket.EAI_AGAIN else 2)
print("\\n".join(sorted(found)))
"""


@dataclass(frozen=True)
class Inside:
    """What a service said."""

    completed: Completed | None
    """`None` where its image has no program to ask with."""


def connecting(stack: Stack, service: str, host: str, port: int, timeout: float) -> Inside:
    """Return whether a service reaches a port: exit code 0, or another one."""
    seconds = str(max(1, round(timeout)))
    return _first(
        stack,
        service,
        (
            ("python3", "-c", _CONNECT, host, str(port), f"{timeout:g}"),
            ("bash", "-c", 'exec 3<>"/dev/tcp/$0/$1"', host, str(port)),
            ("nc", "-z", "-w", seconds, host, str(port)),
        ),
        timeout,
    )


def resolving(stack: Stack, service: str, name: str, timeout: float) -> Inside:
    """Return the addresses of a name as a service sees it, one a line; exit code 2: it has none."""
    return _first(
        stack,
        service,
        (("getent", "ahosts", name), ("python3", "-c", _RESOLVE, name)),
        timeout,
    )


def _first(stack: Stack, service: str, commands: Sequence[Sequence[str]], timeout: float) -> Inside:
    for command in commands:
        completed = stack.execute(service, command, timeout=timeout + _LATER)
        able = completed.succeeded or not _NOT_ABLE.search(completed.output)
        if completed.exit_code not in _NOT_THERE and able:
            return Inside(completed)
    return Inside(None)
