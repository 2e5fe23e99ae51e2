"""What a checkout holds that decides how an item can be proven: names, paths, addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from readiness_gate.adopt import services as compose
from readiness_gate.adopt.services import Service
from readiness_gate.doors.workspace import PathRefused, Workspace, matches

_SOURCES = 400
"""Python files that are looked at, the shortest paths first."""
_SOURCE_CAP = 256 * 1024
_ROUTE = re.compile(
    r"@\w+\.(?:get|head|route|api_route)\(\s*[\"']((?:/[\w/.{}:-]*)?)[\"']"
    r"|\bpath\(\s*[\"']([\w/.-]+)[\"']"
)
_WRITING = re.compile(r"@\w+\.(?:post|put)\(\s*[\"']((?:/[\w/.{}:-]*)?)[\"']")
_PREFIX = re.compile(r"APIRouter\([^)]*prefix=[\"'](/[\w/-]+)[\"']")
_GUARDED = re.compile(r"\b(HTTPBearer|OAuth2\w*Bearer|APIKey(Header|Cookie|Query))\(")
_METRIC = re.compile(
    r"\b(Counter|Gauge|Histogram|Summary)\(\s*[\"']([a-zA-Z_:][\w:]*)[\"']"
    r"|# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary)\b"
)
_HEALTH = re.compile(r"^/(?:api/)?(?:v\d+/)?(?:health|healthz|healthcheck|ping|status|live|livez)$")
_READY = re.compile(r"^/(?:api/)?(?:v\d+/)?(?:ready|readyz|readiness|health/ready)$")
_ENGINE = re.compile(r"^(\w*engine\w*)\s*(?::[^=]+)?=\s*create_(?:async_)?engine\(", re.MULTILINE)
_BASE = re.compile(
    r"^(?:class\s+(\w*Base)\([^)]*Declarative\w*|(\w*Base)\s*=\s*declarative_base\()", re.MULTILINE
)
_JUNIT = re.compile(r"--junit-?xml[= ]([\w./-]+\.xml)")
_COVERAGE = re.compile(r"--cov-report[= ]xml:([\w./-]+\.xml)|coverage xml -o ([\w./-]+\.xml)")
_SQLITE = re.compile(r"^\s*(?:export )?DATABASE_URL=[\"']?(sqlite\S*?)[\"']?\s*$", re.MULTILINE)
_ALEMBIC_SQLITE = re.compile(r"^sqlalchemy\.url\s*=\s*(sqlite[^\s%]*)\s*$", re.MULTILINE)
_SET = re.compile(r"^\s*(?:export )?([A-Za-z_]\w*)=", re.MULTILINE)


@dataclass(frozen=True)
class RepositoryFacts:
    """The facts of one checkout; everything is read once, and only when asked for."""

    workspace: Workspace = field(repr=False)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Return every file of the checkout."""
        return tuple(self.workspace.files())

    def first(self, *patterns: str) -> str | None:
        """Return the file nearest to the root that matches the first pattern that has one."""
        for pattern in patterns:
            found = [path for path in self.files if matches(path, pattern)]
            if found:
                return min(found, key=lambda path: (path.count("/"), path))
        return None

    def document(self, name: str) -> str | None:
        """Return the path of a document by its file name, however its letters are written."""
        wanted = name.casefold()
        found = [path for path in self.files if path.rpartition("/")[2].casefold() == wanted]
        return min(found, key=lambda path: (path.count("/"), path)) if found else None

    def text(self, path: str) -> str:
        """Return a file's text, empty where it cannot be read."""
        try:
            return self.workspace.text(path, cap=_SOURCE_CAP)
        except (PathRefused, OSError):
            return ""

    @cached_property
    def compose_files(self) -> tuple[str, ...]:
        """Return the compose files."""
        return compose.compose_files(self.workspace)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Return the services of the compose files."""
        return compose.read_services(self.workspace, self.compose_files)

    def service(self, kind: str) -> Service | None:
        """Return the first service of a kind (`database`, `redis`, `prometheus`, …)."""
        return next((one for one in self.services if one.kind == kind), None)

    @cached_property
    def application(self) -> Service | None:
        """Return the service that people call."""
        return compose.application(self.services)

    @cached_property
    def frontend(self) -> Service | None:
        """Return the service of the pages."""
        return compose.frontend(self.services)

    @cached_property
    def worker(self) -> Service | None:
        """Return the service that works in the background."""
        return compose.worker(self.services)

    @cached_property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Return paths and texts of the project's Python files, tests left out."""
        mine = (
            path
            for path in self.files
            if path.endswith(".py") and not re.search(r"(^|/)(tests?|migrations|alembic)/", path)
        )
        chosen = sorted(mine, key=lambda path: (path.count("/"), path))[:_SOURCES]
        return tuple((path, self.text(path)) for path in chosen)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of routes that the sources declare for reading."""
        return self._routes(_ROUTE)

    @cached_property
    def written_to(self) -> tuple[str, ...]:
        """Return the paths of routes that the sources declare for writing."""
        return self._routes(_WRITING)

    def _routes(self, pattern: re.Pattern[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for _, text in self.sources:
            router = _PREFIX.search(text)
            prefix = router[1].rstrip("/") if router else ""
            for match in pattern.finditer(text):
                route = next((group for group in match.groups() if group), "").strip("/")
                found[f"{prefix}/{route}".rstrip("/") or "/"] = None
        return tuple(found)

    @cached_property
    def metrics(self) -> tuple[tuple[str, str], ...]:
        """Return the names and types of the metrics that the sources declare."""
        found: dict[str, str] = {}
        for _, text in self.sources:
            for match in _METRIC.finditer(text):
                type_ = (match[1] or match[4]).casefold()
                name = match[2] or match[3]
                counted = type_ == "counter" and match[1] and not name.endswith("_total")
                found.setdefault(f"{name}_total" if counted else name, type_)
        return tuple(found.items())

    @property
    def health(self) -> str | None:
        """Return the path that says whether the application lives."""
        return next((path for path in self.paths if _HEALTH.match(path)), None)

    @property
    def ready(self) -> str | None:
        """Return the path that says whether the application's dependencies answer."""
        return next((path for path in self.paths if _READY.match(path)), None)

    @cached_property
    def openapi(self) -> str | None:
        """Return the path or file of the API's description."""
        if any("FastAPI(" in text for _, text in self.sources):
            return "/openapi.json"
        return self.first("**/openapi.json", "**/openapi.yaml", "**/openapi.yml")

    @cached_property
    def guarded(self) -> bool:
        """Return whether the API asks for a token."""
        return any(_GUARDED.search(text) for _, text in self.sources)

    @cached_property
    def alembic(self) -> str | None:
        """Return the path of Alembic's configuration."""
        return self.first("alembic.ini", "**/alembic.ini")

    @cached_property
    def environment_example(self) -> str | None:
        """Return the file that shows which variables there are."""
        return self.first(".env.example", ".env.sample", ".env.template", "**/.env.example")

    @cached_property
    def environment_file(self) -> str | None:
        """Return the file of values that the gate can read: one for CI, else the example."""
        return self.first(".env.ci", ".env.test") or self.environment_example

    def variables(self, path: str) -> tuple[str, ...]:
        """Return the names that an environment file sets."""
        return tuple(dict.fromkeys(_SET.findall(self.text(path))))

    @cached_property
    def sqlite(self) -> str | None:
        """Return the URL of a SQLite database that an environment file or Alembic's names."""
        path = self.environment_example
        found = _SQLITE.search(self.text(path)) if path else None
        if found is None and self.alembic == "alembic.ini":
            # Its paths count from the folder that the migrations run in: the root, here.
            found = _ALEMBIC_SQLITE.search(self.text(self.alembic))
        return found[1] if found else None

    @cached_property
    def engine(self) -> str | None:
        """Return SQLAlchemy's engine as `module:name`."""
        return next(self._named(_ENGINE), None)

    @cached_property
    def metadata(self) -> str | None:
        """Return SQLAlchemy's declarative base as `module:name`."""
        return next(self._named(_BASE), None)

    def _named(self, pattern: re.Pattern[str]) -> Iterator[str]:
        for path, text in self.sources:
            if found := pattern.search(text):
                name = next(group for group in found.groups() if group)
                package = f"{path.rpartition('/')[0]}/__init__.py"
                whole = package in self.files and re.search(rf"\b{name}\b", self.text(package))
                yield f"{self.module(package if whole else path)}:{name}"

    def module(self, path: str) -> str:
        """Return the name by which a Python file is imported, from the folder of its package."""
        parts = path.removesuffix(".py").split("/")
        start = len(parts) - 1
        while start and "/".join((*parts[:start], "__init__.py")) in self.files:
            start -= 1
        names = parts[start:]
        return ".".join(names[:-1] if names[-1] == "__init__" and len(names) > 1 else names)

    @cached_property
    def workflows(self) -> tuple[tuple[str, str], ...]:
        """Return paths and texts of the workflows."""
        found = (path for path in self.files if re.match(r"\.github/workflows/[^/]+\.ya?ml$", path))
        return tuple((path, self.text(path)) for path in found)

    @cached_property
    def junit(self) -> str | None:
        """Return where the tests leave their JUnit report."""
        return self._left(_JUNIT) or self.first("**/junit*.xml", "**/test-results/*.xml")

    @cached_property
    def coverage(self) -> str | None:
        """Return where the tests leave their coverage report."""
        return self._left(_COVERAGE) or self.first("**/coverage.xml", "**/lcov.info")

    def _left(self, pattern: re.Pattern[str]) -> str | None:
        names = ("Makefile", "pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")
        texts = [text for _, text in self.workflows]
        texts += [self.text(name) for name in names if self.workspace.lists(name)]
        for text in texts:
            for match in pattern.finditer(text):
                path = next(group for group in match.groups() if group)
                if not path.startswith("/") and ".." not in path:
                    return path.removeprefix("./")
        return None

    @cached_property
    def requirements(self) -> str | None:
        """Return the file or pattern that declares the Python packages."""
        found = [path for path in self.files if re.search(r"(^|/)requirements[\w-]*\.txt$", path)]
        if found:
            return "**/requirements*.txt" if len(found) > 1 else found[0]
        return self.first("pyproject.toml", "**/pyproject.toml")

    @cached_property
    def dockerfile(self) -> str | None:
        """Return the Dockerfile nearest to the root."""
        return self.first("Dockerfile", "**/Dockerfile", "**/*.Dockerfile", "**/Dockerfile.*")

    @cached_property
    def kubernetes(self) -> str | None:
        """Return a pattern for the Kubernetes manifests."""
        for path in self.files:
            if path.endswith((".yaml", ".yml")) and re.search(
                r"^kind:\s*(Deployment|StatefulSet|Ingress|Namespace)",
                self.text(path),
                re.MULTILINE,
            ):
                folder = path.rpartition("/")[0]
                return f"{folder}/**/*{path[path.rindex('.') :]}" if folder else path
        return None

    @cached_property
    def alerts(self) -> str | None:
        """Return the file of Prometheus' alert rules."""
        for path in self.files:
            if path.endswith((".yaml", ".yml")) and re.search(
                r"^\s*-?\s*alert:\s*\S", self.text(path), re.MULTILINE
            ):
                return path
        return None

    @cached_property
    def dashboards(self) -> str | None:
        """Return a pattern for Grafana's dashboards."""
        found = self.first(
            "**/dashboards/*.json", "**/dashboards/**/*.json", "**/grafana/**/*.json"
        )
        return f"{found.rpartition('/')[0]}/*.json" if found else None
