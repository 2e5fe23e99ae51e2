"""Re-evaluation of a large repository: requests, points and time, beside a peer that rescans."""

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import told
from benchmarks.measured import measured
from readiness_gate.checks import CHECKS
from readiness_gate.cli import sweep
from readiness_gate.cli.console import Console
from readiness_gate.cli.doors import open_doors
from readiness_gate.cli.evaluation import Gate, open_gate
from readiness_gate.doors.settings import from_environment
from readiness_gate.forge.github import GitHubForge
from readiness_gate.merge.references import parse
from readiness_gate.model.outcome import Half
from readiness_gate.model.report import Report
from readiness_gate.publish.statuses import describe
from tests.github_double import GitHubDouble, Repository

OPEN, MERGED, BEHIND = 1_000, 36, 12
REQUESTS, POINTS = 12, 15
RESCANNED = 3
"""REST calls that a rescanning peer makes for every open pull request (notes, z0al)."""
NODES, EDGES, SECONDS, MEGABYTES = 10_000, 50_000, 1.0, 200
BODY, BODY_MILLISECONDS = 1_048_576, 100
HOSTILE = ("Depends on #1, ", "depends on ", "[a](", "`", "<!--a", "- Depends on #1\n", "> ", "| a")
FURTHER = ("status-checks", "review-approval", "gate-files-unchanged")
"""Checks that read more of each pull request, where an item asks for them."""
ORDERED = 20
"""Pull requests of the declared order, each with a revision of its own."""
_CONFIG = "version: 1\nmerge: {}\n"
_DATABASE = "databases: {main: {service: db, migrations: {service: api, config: alembic.ini}}}\n"
_REVISION = "revision = 'r{0}'\ndown_revision = {1}\n"
_CONTEXT = "readiness / merge"
_MB = 1_000_000


def run() -> None:
    """Print the table of the budget, and the figures of the graph and of the parser."""
    told.heading(f"Merge: {OPEN} open pull requests, {MERGED} merged ones that they wait for")
    with _shop(_CONFIG) as shop:
        _let_stand(shop)
        _stands(shop)
        _one_merged(shop)
    for name in FURTHER:
        if name in CHECKS:
            _further(name)
    _simulation()
    _graph()
    _bodies()


class Silent(Console):
    """Says nothing of what is left to the next sweep."""

    def note(self, text: str) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class _Shop:
    double: GitHubDouble
    home: Repository
    folder: str
    runs: Iterator[int]

    def gate(self) -> Gate:
        settings = from_environment(
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_TOKEN": "ghs_writer",
                "GITHUB_REPOSITORY": self.home.full_name,
                "GITHUB_API_URL": self.double.api_url,
                "GITHUB_GRAPHQL_URL": self.double.graphql_url,
                "GITHUB_SERVER_URL": self.double.web,
                "GITHUB_WORKSPACE": self.folder,
                "GITHUB_RUN_ID": str(next(self.runs)),
            },
            {"mode": "merge"},
        )
        doors = open_doors(settings)
        forge = GitHubForge(
            repository=self.home.full_name,
            token="ghs_writer",
            api_url=self.double.api_url,
            graphql_url=self.double.graphql_url,
            clock=doors.clock,
            seconds_between_writes=0.0,
        )
        return open_gate(settings, doors, forge, Silent(color=False))

    def swept(self) -> tuple[sweep.ReEvaluated, "_Spent"]:
        gate = self.gate()
        before, began = len(self.double.requests), time.perf_counter()
        if gate.graphs is None:
            raise RuntimeError("the gate has no GitHub")
        done = sweep.evaluate_all(gate, gate.graphs.listed().standing)
        seconds = time.perf_counter() - began
        entries = list(self.double.requests)[before:]
        # The first reading of one pull request's own statuses is the beginning of a write.
        reading = list(itertools.takewhile(lambda one: "/statuses" not in one.path, entries))
        return done, _Spent(
            len(reading),
            sum(one.points for one in reading),
            len(entries) - len(reading),
            sum(one.points for one in entries) - sum(one.points for one in reading),
            seconds,
        )


@dataclass(frozen=True)
class _Spent:
    requests: int
    points: int
    write_requests: int
    write_points: int
    seconds: float


@contextmanager
def _shop(config: str) -> Iterator[_Shop]:
    with GitHubDouble() as double, tempfile.TemporaryDirectory(prefix="merge-") as folder:
        home = double.repository("acme/shop", files={".github/readiness.yml": config})
        for number in range(1, MERGED + 1):
            home.pull_request(number=number, merged=True)
        for place in range(OPEN):
            number = MERGED + 1 + place
            # Chains of ten; the first of each waits for a merged one.
            below = number - 1 if place % 10 else 1 + place // 10 % MERGED
            home.pull_request(number=number, body=f"Depends on #{below}")
        yield _Shop(double, home, folder, itertools.count(7001))


def _let_stand(shop: _Shop) -> None:
    """Let every verdict stand, as earlier sweeps have left it."""
    writes, sweep.WRITES = sweep.WRITES, 0
    try:
        done, _ = shop.swept()
    finally:
        sweep.WRITES = writes
    for report in done.reports:
        _status(shop.home, report)


def _status(home: Repository, report: Report) -> None:
    conclusion = report.conclusions.merge
    if conclusion is None or report.head_sha is None:
        raise RuntimeError(f"#{report.pull_request} was not decided")
    words = describe([one for one in report.items if one.half is Half.MERGE], conclusion)
    home.verdicts.status(report.head_sha, _CONTEXT, conclusion.value, description=words)


def _stands(shop: _Shop) -> None:
    done, spent = shop.swept()
    peer = f"{told.budget(spent.requests, REQUESTS, 'requests')}, rescanning {RESCANNED * OPEN}"
    told.figure("sweep, every verdict stands: requests", f"{spent.requests}", peer)
    points = told.budget(spent.points, POINTS, "points")
    told.figure("GraphQL points", f"{spent.points}", f"{points}, of 1000 an hour")
    told.figure("writes", f"{spent.write_requests}", f"{len(done.reports)} verdicts, none changed")
    told.figure("wall clock, against the double", f"{spent.seconds:.1f} s")


def _one_merged(shop: _Shop) -> None:
    for number in range(MERGED + 1, MERGED + 1 + 10 * BEHIND, 10):
        shop.home.pulls[number].merge()
    _, spent = shop.swept()
    name = f"sweep after {BEHIND} merges: requests"
    told.figure(name, f"{spent.requests}", f"budget {REQUESTS} before writes")
    each = spent.write_requests / BEHIND
    told.figure("requests a changed verdict", f"{each:.1f}", "status and comment, read and written")
    told.figure("points a changed verdict", f"{spent.write_points / BEHIND:.1f}")
    told.note(
        f"one write a second; one run writes {sweep.WRITES} pull requests, the rest is left to the "
        "next sweep and named; labels cost a request and a point a hundred, where a policy has any"
    )


def _further(name: str) -> None:
    with _shop(f"{_CONFIG}items: {{further: {name}}}\n") as shop:
        writes, sweep.WRITES = sweep.WRITES, 0
        try:
            done, spent = shop.swept()
        except Exception as error:
            told.note(f"{name}: no figure: {error}")
            return
        finally:
            sweep.WRITES = writes
    beside = f"{spent.points} points, {len(done.reports)} verdicts"
    told.figure(f"with an item {name}: requests", f"{spent.requests}", beside)


def _simulation() -> None:
    """Print what the histories of the declared order cost, where there is a checkout."""
    order = f"merge: {{order: [{', '.join(map(str, range(1, ORDERED + 1)))}]}}\n"
    config = f"version: 1\n{order}stack: {{files: [compose.yml]}}\n{_DATABASE}"
    with GitHubDouble() as double, tempfile.TemporaryDirectory(prefix="merge-") as folder:
        files = {
            ".github/readiness.yml": config,
            "alembic.ini": "[alembic]\nscript_location = db\n",
            "db/versions/r0_.py": _REVISION.format(0, None),
        }
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        home = double.repository("acme/shop", files=files)
        for number in range(1, ORDERED + 1):
            added = {f"db/versions/r{number}_.py": _REVISION.format(number, "'r0'")}
            home.pull_request(number=number, files=added)
        writes, sweep.WRITES = sweep.WRITES, 0
        try:
            done, spent = _Shop(double, home, folder, itertools.count(7001)).swept()
        finally:
            sweep.WRITES = writes
    told.figure(
        f"migrations of {ORDERED} in the declared order, on paper: requests",
        f"{spent.requests}",
        f"{spent.points} points, {len(done.reports)} verdicts; a file each, read once",
    )


def _graph() -> None:
    told.heading(f"Graph: {NODES} pull requests, {EDGES} edges out of their bodies")
    command = [sys.executable, "-m", "benchmarks.merge_graph", str(NODES), str(EDGES)]
    done = measured(command, folder=Path(__file__).parents[1])
    if done.exit_code:
        print(done.output)
        told.note(f"no figure: it ended with {done.exit_code}")
        return
    edges, built, ordered = done.output.split()
    told.figure("edges", edges)
    told.figure("read and built", f"{float(built):.2f} s")
    told.figure("ordered", f"{float(ordered):.2f} s", told.budget(float(ordered), SECONDS, "s"))
    peak = done.peak / _MB
    told.figure("peak of the process", f"{peak:.0f} MB", told.budget(peak, MEGABYTES, "MB"))


def _bodies() -> None:
    told.heading("References: hostile bodies of 1 MB")
    worst, slowest = 0.0, ""
    for seed in HOSTILE:
        body = seed * (BODY // len(seed))
        began = time.perf_counter()
        parse(body, home="acme/shop")
        took = (time.perf_counter() - began) * 1000
        worst, slowest = max((worst, slowest), (took, seed))
    limit = told.budget(worst, BODY_MILLISECONDS, "ms")
    told.figure(f"slowest of {len(HOSTILE)}", f"{worst:.0f} ms", f"{limit} ({slowest.strip()!r})")
