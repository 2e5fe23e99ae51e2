"""The package's own source, read by `ast` and never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "readiness_gate"


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    """Path below the package, with slashes and without `.py`."""
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder, or the name of a module that stands alone."""
        return self.name.split("/")[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Every imported module, at any depth, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: relative import"
                yield node.lineno, node.module or ""
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}"

    def attributes(self) -> Iterator[tuple[int, str]]:
        """Every dotted name that is used, such as `os.environ`, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield node.lineno, f"{node.value.id}.{node.attr}"

    def calls(self) -> Iterator[tuple[int, str]]:
        """Every call of a plain name, such as `print`, with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.lineno, node.func.id


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package but the probes, which are data (DESIGN 2)."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        if not name.startswith("probes/"):
            found.append(Module(name, ast.parse(path.read_bytes(), filename=str(path))))
    return tuple(found)
