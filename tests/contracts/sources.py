"""The package's own source, read by `ast` and never imported."""

import ast
from dataclasses import dataclass
from functools import cache, cached_property
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

    def imports(self) -> tuple[tuple[int, str], ...]:
        """Every imported module, at any depth, with its line."""
        return self._uses[0]

    def attributes(self) -> tuple[tuple[int, str], ...]:
        """Every dotted name that is used, such as `os.environ`, with its line."""
        return self._uses[1]

    def calls(self) -> tuple[tuple[int, str], ...]:
        """Every call of a plain name, such as `print`, with its line."""
        return self._uses[2]

    @cached_property
    def _uses(self) -> tuple[tuple[tuple[int, str], ...], ...]:
        imports, attributes, calls = [], [], []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                imports += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: relative import"
                imports.append((node.lineno, node.module or ""))
                imports += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                attributes.append((node.lineno, f"{node.value.id}.{node.attr}"))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                calls.append((node.lineno, node.func.id))
        return tuple(imports), tuple(attributes), tuple(calls)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package but the probes, which are data (DESIGN 2)."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        if not name.startswith("probes/"):
            found.append(Module(name, ast.parse(path.read_bytes(), filename=str(path))))
    return tuple(found)
