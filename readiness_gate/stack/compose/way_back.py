"""How containers of the target reach the gate: by one name, wherever the gate runs.

In a container of its own the gate has that name in the project's networks. On the engine's machine
the name is written into the services' `extra_hosts`, as the address that the engine gives its
machine; so it is known before anything starts, and only where an item asks for it.
"""

from readiness_gate.stack.base import SINK_HOST, NotSupported, WayBack
from readiness_gate.stack.compose.project import ComposeProject
from readiness_gate.stack.compose.reach import Reach, bridge_gateway

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - of a container, whose networks are the project's
_LOOPBACK = "127.0.0.1"


def way_back(project: ComposeProject) -> WayBack:
    """Return where to listen, and the name.

    Raises:
        NotSupported: the engine is another machine, or nobody asked for it before the start.
    """
    prepared = project.prepared()
    if prepared.reach is Reach.JOINED:
        return WayBack(_EVERYWHERE, SINK_HOST)
    if not project.settings.way_back:
        raise NotSupported("the services were started without a name for the gate")
    if prepared.reach is Reach.DIRECT:
        return WayBack(bridge_gateway(project.engine), SINK_HOST)
    if project.host.startswith("unix://"):
        # The engine's own virtual machine hands on what is sent to its machine.
        return WayBack(_LOOPBACK, SINK_HOST)
    raise NotSupported("the engine is another machine, whose containers do not reach the gate")
