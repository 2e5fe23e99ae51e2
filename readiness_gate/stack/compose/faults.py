"""Faults of a dependency on a real engine: frozen, gone, cut off, slow.

Latency is made of short freezes: it needs no program in the image, no right of the gate and no
change of names or addresses, so that pooled connections live on as they do on a slow network.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from readiness_gate.errors import StackError
from readiness_gate.stack.base import NotSupported
from readiness_gate.stack.compose.base import Engine, NotThere
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.disruption import Fault

_AWAKE = 0.03
_TRIES = 10
_TRY_AGAIN = 0.1
_JOIN = 30.0
_ID_IN_ALIAS = 12


class Faults:
    """Begins and ends faults of one project."""

    def __init__(self, project: ComposeProject, end: Callable[[str], None]) -> None:
        """Begin nothing yet; `end` stops one replica as compose would."""
        self._project = project
        self._end = end
        self._paused: dict[str, set[str]] = {}
        self._slow: dict[str, Freezer] = {}
        self._cut: dict[str, list[tuple[str, str, tuple[str, ...], str]]] = {}
        """Network, container, names and fixed address of what was cut off."""

    def inflict(self, fault: Fault, service: str, names: Sequence[str], latency: float) -> None:
        """Let a fault begin.

        Raises:
            StackError: the engine refuses it.
            NotSupported: the service has no network to be cut off from.
        """
        engine = self._project.engine
        if fault is Fault.STOP:
            for name in names:
                self._end(name)
        elif fault is Fault.DISCONNECT:
            for name in names:
                self._disconnect(service, name)
        elif fault is Fault.PAUSE:
            self._paused.setdefault(service, set()).update(names)
            for name in names:
                self._freeze(name)
        else:
            self._paused.setdefault(service, set()).update(names)
            self._slow[service] = Freezer(engine, self._freeze, names, latency)
            self._slow[service].begin()

    def heal(self, service: str) -> None:
        """End all faults of a service, except that what was stopped has to be started.

        Raises:
            StackError: a fault ended by itself, so that what was seen meanwhile says nothing.
        """
        engine = self._project.engine
        freezer = self._slow.pop(service, None)
        if freezer is not None:
            freezer.end()
        # What the engine refuses stays noted, so that it is tried again by `heal_all`.
        paused = self._paused.get(service, set())
        for name in sorted(paused):
            with suppress(NotThere):
                engine.unpause(name)
            paused.discard(name)
        self._paused.pop(service, None)
        cut = self._cut.get(service, [])
        while cut:
            network, container, aliases, address = cut[0]
            try:
                engine.reconnect(network, container, aliases=aliases, address=address)
            except NotThere:
                del cut[0]
                raise
            del cut[0]
        self._cut.pop(service, None)
        if freezer is not None and freezer.failure is not None:
            raise StackError(f"{service} could not be slowed down: {freezer.failure}")

    def heal_all(self) -> None:
        """End every fault; one that ended by itself is fine now."""
        for service in sorted({*self._slow, *self._paused, *self._cut}):
            freezer = self._slow.pop(service, None)
            if freezer is not None:
                freezer.end()
            self.heal(service)

    def _freeze(self, name: str) -> None:
        """Freeze a container; while a process begins in it, such as a health check, it is refused.

        Raises:
            StackError: it is refused again and again.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._project.engine.pause(name)
            except StackError as error:
                if "unable to freeze" not in error.message:
                    raise
                self._project.clock.sleep(_TRY_AGAIN)
        return self._project.engine.pause(name)

    def _disconnect(self, service: str, name: str) -> None:
        engine = self._project.engine
        inspection = engine.container(name)
        networks = (inspection.get("NetworkSettings") or {}).get("Networks") or {}
        if not networks or set(networks) <= {"host", "none"}:
            raise NotSupported(f"service {service} has no network of its own to be cut off from")
        short = str(inspection["Id"])[:_ID_IN_ALIAS]
        for network, settings in networks.items():
            aliases = [one for one in (settings or {}).get("Aliases") or () if one != short]
            fixed = str(((settings or {}).get("IPAMConfig") or {}).get("IPv4Address") or "")
            self._cut.setdefault(service, []).append((network, name, tuple(aliases), fixed))
            engine.disconnect(network, name)


class Freezer:
    """Freezes containers again and again, with a moment of life between."""

    def __init__(
        self, engine: Engine, freeze: Callable[[str], None], names: Sequence[str], seconds: float
    ) -> None:
        """Freeze for `seconds` each time."""
        self._engine = engine
        self._freeze = freeze
        self._names = tuple(names)
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="freezer", daemon=True)
        self.failure: StackError | None = None

    def begin(self) -> None:
        """Freeze for the first time, and go on in a thread.

        Raises:
            StackError: the engine refuses it.
        """
        self._all(self._freeze)
        self._thread.start()

    def end(self) -> None:
        """Let the containers live on."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN)

    def _work(self) -> None:
        try:
            while True:
                self._over.wait(self._seconds)
                self._all(self._engine.unpause)
                if self._over.wait(_AWAKE):
                    return
                self._all(self._freeze)
        except StackError as error:
            self.failure = error

    def _all(self, do: Callable[[str], None]) -> None:
        for name in self._names:
            do(name)
