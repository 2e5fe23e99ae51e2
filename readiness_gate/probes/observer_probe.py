"""Runs programs of the target with every SQLite connection watched.

Follows `named_object.py`. REQUEST: `commands` (lists of arguments), `observer` (the text of
`sqlite_observer.py`) and `seconds` (for all of them together).
"""

# ruff: noqa: F821, PTH123 - the names of the text in front; every old interpreter
import shutil
import signal
import subprocess
import tempfile
import time


def look(asked):
    """Return every connection that the programs opened; a program that fails is an error."""
    folder = tempfile.mkdtemp(prefix="readiness-gate-")
    end = time.monotonic() + asked["seconds"]
    try:
        with open(os.path.join(folder, "sitecustomize.py"), "w", encoding="utf-8") as module:
            module.write(asked["observer"])
        for command in asked["commands"]:
            run(command, folder, end)
        return {"lines": collected(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(command, folder, end):
    """Run one program, with its own output on standard error."""
    words = " ".join(command)
    before = os.environ.get("PYTHONPATH")
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([folder, *filter(None, [before])]))
    python = command[0] in ("python", "python3")
    arguments = [sys.executable if python else command[0], *command[1:]]
    try:
        program = subprocess.Popen(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=2,
            start_new_session=True,
        )
    except OSError as error:
        raise SetupProblem(f"{words} could not be started: {error}") from error
    try:
        code = program.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        raise SetupProblem(f"{words} did not end in time") from None
    if code != 0:
        raise SetupProblem(f"{words} ended with {code}")


def collected(folder):
    """Return the observer's lines of each process."""
    found = []
    for name in sorted(os.listdir(folder)):
        if name.startswith("observed-"):
            with open(os.path.join(folder, name), encoding="utf-8") as record:
                found.append([json.loads(line) for line in record if line.strip()])
    return found


answer_with(look)
