"""All that checks ask of a Python module, read in one parse and one walk, once in a process.

Trees are not kept: those of thousands of modules would not fit into memory, what is told of them
does.
"""

import hashlib
import threading
from dataclasses import dataclass

from readiness_gate.formats.python_measures import Measures, measures
from readiness_gate.formats.python_routes import Routing, routing
from readiness_gate.formats.python_rules import (
    Engines,
    Finding,
    debug_flag,
    engines,
    sql_formatting,
)
from readiness_gate.formats.python_source import Nodes, parse
from readiness_gate.formats.variables_read import variables_of

_KEPT = 50_000
_NO_ROUTES = Routing()
_NO_ENGINES = Engines((), False, False)


@dataclass(frozen=True, slots=True)
class PythonFacts:
    """What one module says, whatever its path is and whatever a check makes of it."""

    measures: Measures
    sql_formatting: tuple[Finding, ...]
    debug_flag: tuple[Finding, ...]
    engines: Engines
    variables: tuple[tuple[str, int], ...]
    """Names of environment variables that it reads, with their lines, by line."""
    routing: Routing


def facts_of(data: bytes) -> PythonFacts:
    """Return the facts of a module's source.

    Raises:
        ValueError: it is not Python, or nested deeper than the parser goes; says the line.
    """
    every = Nodes(parse(data))
    found_engines, found_routing = engines(every), routing(every)
    return PythonFacts(
        measures(every),
        tuple(sorted(sql_formatting(every), key=_line)),
        tuple(sorted(debug_flag(every), key=_line)),
        _NO_ENGINES if found_engines == _NO_ENGINES else found_engines,
        tuple(sorted(variables_of(every), key=lambda found: found[1])),
        _NO_ROUTES if found_routing == _NO_ROUTES else found_routing,
    )


def _line(finding: Finding) -> int:
    return finding.line


class _Known:
    """Facts of what was read before, so that no two checks parse the same source."""

    def __init__(self) -> None:
        self._found: dict[bytes, PythonFacts] = {}
        self._one_at_a_time = threading.Lock()

    def of(self, data: bytes) -> PythonFacts:
        key = hashlib.sha256(data).digest()
        with self._one_at_a_time:  # the second waits, and then finds it
            if key not in self._found:
                found = facts_of(data)
                if len(self._found) >= _KEPT:
                    self._found.clear()
                self._found[key] = found
            return self._found[key]


_known = _Known()


def python_facts(data: bytes) -> PythonFacts:
    """Return the facts of a module's source; the same source is read once in a process.

    Raises:
        ValueError: as `facts_of`.
    """
    return _known.of(data)
