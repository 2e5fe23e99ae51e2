"""Removes a project by its name alone, and proves it: the audit must find nothing (DESIGN 2.2).

Works on labels through the Engine API: no compose file, no model and no command line is needed,
so that the post step and a janitor can do it. `docker compose down` leaves named one-offs, exits 0
when a network is still in use, and cannot run where its file is gone.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from readiness_gate.errors import StackError
from readiness_gate.stack.base import Leftovers
from readiness_gate.stack.compose.base import COMPOSE_PROJECT, Engine, Inspection, NotThere
from readiness_gate.stack.compose.own_commands import end_commands_of
from readiness_gate.stack.project import PROJECT_LABEL, PROJECT_NAME

_PAUSE = 0.3
_AT_ONCE = 8
_LOOKS = 5
_IMAGE_WENT = ("unrecognized image ID", "No such image")


def tear_down(engine: Engine, project: str, timeout: float) -> Leftovers:
    """Remove containers, networks, volumes and images of a project; return what is left.

    Repeats until two looks in a row find nothing: a killed `up` may still be creating.

    Raises:
        StackError: the engine does not answer, or the name is none of ours.
    """
    if not PROJECT_NAME.fullmatch(project):
        raise StackError(f"{project!r} is not the name of a project of the gate")
    end = time.monotonic() + timeout
    end_commands_of(project)
    names: set[str] = set()
    left = audit(engine, project, names)
    clean_looks = 0 if left else 1
    while clean_looks < 2:
        if left:
            clean_looks = 0
            _sweep(engine, left, names)
        else:
            time.sleep(_PAUSE)
        left = audit(engine, project, names)
        clean_looks = 0 if left else clean_looks + 1
        if left and time.monotonic() >= end:
            break
        if left:
            time.sleep(_PAUSE)
    return left


def audit(engine: Engine, project: str, names: set[str] | None = None) -> Leftovers:
    """Return everything that carries the project's label, ours or compose's.

    The names of containers that are seen are added to `names`.
    """
    found: dict[str, set[str]] = {"containers": set(), "networks": set(), "volumes": set()}
    images: set[str] = set()
    for label in (f"{COMPOSE_PROJECT}={project}", f"{PROJECT_LABEL}={project}"):
        for container in engine.containers([label]):
            found["containers"].add(str(container["Id"]))
            if names is not None:
                names |= {str(name).lstrip("/") for name in container.get("Names") or ()}
        found["networks"] |= {str(network["Id"]) for network in engine.networks([label])}
        found["volumes"] |= set(engine.volumes([label]))
        for image in _images(engine, label):
            images |= _own_names(project, image.get("RepoTags"), str(image["Id"]))
    return Leftovers(
        containers=tuple(sorted(found["containers"])),
        networks=tuple(sorted(found["networks"])),
        volumes=tuple(sorted(found["volumes"])),
        images=tuple(sorted(images)),
    )


def _images(engine: Engine, label: str) -> list[Inspection]:
    """Return the images with a label; an engine fails to list them while somebody removes one."""
    for _ in range(_LOOKS - 1):
        try:
            return engine.images([label])
        except StackError as error:
            if not any(said in error.message for said in _IMAGE_WENT):
                raise
            time.sleep(_PAUSE)
    return engine.images([label])


def _own_names(project: str, tags: Iterable[str] | None, image: str) -> set[str]:
    named = {tag for tag in tags or () if tag != "<none>:<none>"}
    # An image that somebody else tagged too is theirs; only our tag is taken off.
    return {tag for tag in named if tag.startswith(f"{project}-")} if named else {image}


def _sweep(engine: Engine, left: Leftovers, names: Iterable[str]) -> None:
    _each(engine.remove_container, left.containers)
    for network in left.networks:
        _leave_and_remove(engine, network, names)
    _each(engine.remove_volume, left.volumes)
    _each(engine.remove_image, left.images)


def _leave_and_remove(engine: Engine, network: str, names: Iterable[str]) -> None:
    try:
        attached = engine.network(network).get("Containers") or {}
        for container in list(attached):
            engine.disconnect(network, str(container))
        try:
            engine.remove_network(network)
        except StackError as error:
            if "active endpoints" not in error.message:
                raise
            # A container that was removed while it started leaves its end behind, by its name.
            for name in names:
                with suppress(StackError):
                    engine.disconnect(network, name)
    except NotThere:
        return
    except StackError as error:
        if error.infrastructure:
            raise


def _each(remove: Callable[[str], None], names: Iterable[str]) -> None:
    def attempt(name: str) -> None:
        try:
            remove(name)
        except StackError as error:
            # In use, or being removed by somebody else: the next look tells.
            if error.infrastructure:
                raise

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(attempt, names))
