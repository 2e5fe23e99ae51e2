"""A repository of many files, the same every time, under git; written in seconds."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LINES = 100
"""Of each file."""
_SHARES: Mapping[str, int] = {"py": 70, "ts": 10, "md": 10, "yaml": 5, "json": 5}
_IDENTITY = ("-c", "user.name=Author", "-c", "user.email=author@example.test", "-c", "gc.auto=0")
_FUNCTION = '''

def total_{at}(order: Order_{file}, *, rate: float = 0.{at}) -> float:
    """Return what the order costs with tax."""
    found = 0.0
    for line in order.lines:
        if line.amount > {at}:
            found += line.price * line.amount
        else:
            found -= line.rebate
    return round(found * (1 + rate), 2)
'''
_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: service-{file}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: service-{file}}}}}
  template:
    metadata: {{labels: {{app: service-{file}}}}}
    spec:
      containers:
        - name: service
          image: example.test/service:1.{file}
          readinessProbe: {{httpGet: {{path: /ready, port: 8000}}}}
          env:
"""


@contextmanager
def repository(files: int) -> Iterator[Path]:
    """Give a folder with that many files under git; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="many-") as parent:
        folder = Path(parent, "repository")
        write(folder, range(files))
        git(folder, "init", "-q", "-b", "main")
        commit(folder, "Many files")
        yield folder


def write(folder: Path, numbers: range, *, mark: str = "") -> None:
    """Write the files of these numbers; `mark` makes a later version of each."""
    for number in numbers:
        kind = _kind(number)
        path = folder / f"{kind}_{number // 1000}" / f"part_{number // 50}" / f"f{number}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_WRITERS[kind](number, mark), encoding="utf-8")


def commit(folder: Path, message: str) -> str:
    """Commit everything and return the commit."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    """Return what git prints.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    done = subprocess.run(
        ["git", *_IDENTITY, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout.strip()


def _kind(number: int) -> str:
    at = number % 100
    for kind, share in _SHARES.items():
        if at < share:
            return kind
        at -= share
    raise ValueError("the shares are less than 100")


def _python(number: int, mark: str) -> str:
    head = [
        f'"""Orders of kind {number}{mark}."""',
        "",
        "import os",
        "from dataclasses import dataclass",
        "",
        f'REGION = os.environ.get("REGION_{number % 20}", "north")',
        "",
        "",
        "@dataclass",
        f"class Order_{number}:",
        '    """An order."""',
        "",
        "    lines: list",
    ]
    functions = "".join(_FUNCTION.format(at=at, file=number) for at in range(1, 8))
    return _filled("\n".join(head) + functions, "# one more line of words about order {at}")


def _typescript(number: int, mark: str) -> str:
    line = f"export const label{{at}}_{number} = (name: string) => `{mark}${{{{name}}}} of {{at}}`;"
    return _filled("", line)


def _markdown(number: int, mark: str) -> str:
    head = f"# Page {number}{mark}\n\nSee [itself](f{number}.md).\n\n## Rollback\n"
    return _filled(head, "Line {at} says in plain words what is done when something breaks.")


def _yaml(number: int, mark: str) -> str:
    variable = f'            - {{{{name: NAME_{{at}}, value: "value {{at}}{mark}"}}}}'
    return _filled(_MANIFEST.format(file=number), variable)


def _json(number: int, mark: str) -> str:
    found = {f"name-{at}": f"value {at} of {number}{mark}" for at in range(LINES - 2)}
    return json.dumps(found, indent=1) + "\n"


def _filled(text: str, line: str) -> str:
    lines = text.splitlines()
    lines += [line.format(at=at) for at in range(LINES - len(lines))]
    return "\n".join(lines) + "\n"


_WRITERS: Mapping[str, Callable[[int, str], str]] = {
    "py": _python,
    "ts": _typescript,
    "md": _markdown,
    "yaml": _yaml,
    "json": _json,
}
