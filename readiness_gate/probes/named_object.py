"""Put in front of a probe's own text: finds what `module:attribute` names, and gives the answer.

Standard library and the target's packages only; Python 3.8 and newer. The probe runs inside the
target as `python - REQUEST`; REQUEST is a JSON object with a `nonce`.
"""

# One file without packages of its own, for every old interpreter:
# ruff: noqa: PTH109
import importlib
import json
import os
import sys
import traceback


class SetupProblem(Exception):  # noqa: N818
    """The target cannot be asked: a name is not there, or it is something else."""


def answer_with(look):
    """Print the one line with what `look` returns for the request, and end."""
    asked = json.loads(sys.argv[1])
    nonce = asked.pop("nonce")
    sys.argv[:] = ["readiness-gate"]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answer = {"error": ""}
    try:
        answer.update(look(asked))
    except SetupProblem as problem:
        answer["error"] = str(problem)
    except BaseException as error:  # an application may exit when it is imported
        traceback.print_tb(error.__traceback__)
        answer["error"] = (f"{type(error).__name__}: {error}".splitlines() or [""])[0][:1000]
    answer["complete"] = True
    sys.stdout.flush()
    sys.stderr.flush()
    answers.write(f"\nreadiness-gate:{nonce} {json.dumps(answer)}\n")
    answers.flush()
    os._exit(1 if answer["error"] else 0)


def imported(module):
    """Return a module of the target."""
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SetupProblem(f"{module} cannot be imported in the target: {error}") from error


def find(name):
    """Return what `module:attribute` names; the attribute may have dots."""
    module, _, path = name.partition(":")
    if not path:
        raise SetupProblem(f"{name} is not written module:attribute")
    found = imported(module)
    for part in path.split("."):
        if not hasattr(found, part):
            raise SetupProblem(f"{module} has no {path}")
        found = getattr(found, part)
    return found
