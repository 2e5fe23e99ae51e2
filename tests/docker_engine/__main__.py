"""`python -m tests.docker_engine`: set up, `--check` or `--stop`.

Exit codes: 0 all there · 1 `--check` found something missing · 3 it cannot be had on this machine.
"""

import argparse
import fcntl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.docker_engine import images, plugins, server
from tests.docker_engine.shell import SetUpError, say, state_folder


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.docker_engine", description=__doc__)
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--check", action="store_true", help="only say what is there")
    task.add_argument("--stop", action="store_true", help="stop the engine this program started")
    asked = parser.parse_args(arguments)
    wanted = images.NEEDED
    try:
        if asked.stop:
            say("stopped" if server.stop() else "no engine of ours is running")
            return 0
        if asked.check:
            return 0 if check(wanted) else 1
        with _alone():
            set_up(wanted)
    except SetUpError as error:
        say(f"cannot go on: {error}")
        return 3
    return 0


def set_up(wanted: Sequence[images.Image]) -> None:
    """Make engine, images and plug-ins available; what is there stays as it is.

    Raises:
        SetUpError: one of them cannot be had.
    """
    say(f"engine {server.ensure()} answers")
    registry = images.Registry()
    for image in wanted:
        images.ensure(image, registry)
    plugins.ensure()
    check(wanted)


def check(wanted: Sequence[images.Image]) -> bool:
    """Say what is there; True when nothing the tests need is missing."""
    engine = server.version()
    say(f"engine    {engine or 'missing'}")
    if engine is None:
        return False
    compose = plugins.compose_version()
    say(f"compose   {compose or 'missing'}")
    say(f"buildx    {plugins.buildx_version() or 'none (the classic builder is used)'}")
    found = {image.name: images.state(image) for image in wanted}
    for name, state in found.items():
        say(f"image     {name}: {state}")
    return compose is not None and not {"absent", "out of date"} & set(found.values())


@contextmanager
def _alone() -> Iterator[None]:
    # Two test runs that begin at once must not build the same image twice.
    with (state_folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up is running; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
