"""Options of checks that look at the running stack."""

import re

from readiness_gate.adopt.options.wanted import Filled, Wanted, number

PROCESS = "api"
"""Name of the application where no compose file names it."""
_SIZES = ("B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB")
_CAMEL = {"ram": "memory", "memory": "memory", "storage": "disk", "disk": "disk"}
_SMOKE = {"smoke": "tests/smoke", "integration": "tests/integration"}


def _application(wanted: Wanted) -> str:
    found = wanted.facts.application
    return found.name if found else "backend" if wanted.facts.services else PROCESS


def _health(wanted: Wanted) -> str:
    return next(iter(wanted.paths), wanted.facts.health or "/health")


def busy(wanted: Wanted) -> tuple[str, str]:
    """Return a path that reads data, for load and disturbances, and what is unknown about it."""
    guarded = {wanted.facts.health, wanted.facts.ready, "/metrics", "/"}
    named = [one for one in wanted.paths if "{" not in one]
    found = [one for one in wanted.facts.paths if one not in guarded and "{" not in one]
    if named:
        return named[0], ""
    if found:
        return found[0], ""
    return wanted.facts.health or "/health", "name a path that reads data"


def _size(wanted: Wanted) -> str | None:
    found = wanted.threshold(*_SIZES)
    return f"{number(found.value)}{found.unit}" if found else None


def preflight(wanted: Wanted) -> Filled:
    """Return what the machine needs, by the words and the sizes in them."""
    size = _size(wanted)
    for word, key in _CAMEL.items():
        if size and re.search(rf"\b{word}\b", wanted.small):
            return Filled({key: size})
    tool = re.search(r"\b(git|python|pip|node|npm|conda)\b", wanted.small)
    if tool is None or "docker" in wanted.small:
        return Filled({"disk": "2GB"})
    name = {"python": "python3", "conda": "pip"}.get(tool[1], tool[1])
    version = re.search(r"\b(\d+(?:\.\d+)+)\b", wanted.small)
    return Filled({"tools": {name: f">={version[1]}" if version else ">=0"}})


def image_build(wanted: Wanted) -> Filled:
    """Return the size that the text allows."""
    if wanted.kind != "size":
        return Filled()
    size = _size(wanted)
    return Filled({"max-size": size or "2GB"}, "" if size else "say how large an image may be")


def nothing(_wanted: Wanted) -> Filled:
    """Return no options: the check needs none."""
    return Filled()


def filesystem(wanted: Wanted) -> Filled:
    """Return the folders that the text names, below the service's working directory."""
    names = re.findall(r"(?<![\w-])/?[\w.-]+(?:/[\w.-]*)+|\blogs\b", wanted.item.text)
    folders = [one.rstrip("/") for one in names if one.rstrip("/")]
    rule = {"filetype": "directory", "writable": True}
    rooted = {one if one.startswith("/") else f"/app/{one}": rule for one in folders}
    files = {"services": [_application(wanted)], "files": rooted or {"/data": rule}}
    return Filled(files, "say where these folders are in the container")


def resource_budget(wanted: Wanted) -> Filled:
    """Return a limit on memory or processor time, measured while requests are answered."""
    url, unsure = busy(wanted)
    options: dict[str, object] = {
        "services": [_application(wanted)],
        "over": "30s",
        "requests": {"url": url},
    }
    if wanted.kind == "cpu":
        options["max-cpu"] = 80
        return Filled(options, "say how much processor time is normal")
    size = _size(wanted)
    if re.search(r"leak|stable|growth|exhaust|утечк", wanted.small):
        options["max-growth"] = "10MB"
        return Filled(options, unsure)
    options["max-memory"] = size or "500MB"
    return Filled(options, unsure if size else "say how much memory is enough")


def graceful_shutdown(wanted: Wanted) -> Filled:
    """Return the requests that go on while the service ends."""
    url, unsure = busy(wanted)
    return Filled({"url": url, "grace": "10s"}, unsure)


def rolling_update(wanted: Wanted) -> Filled:
    """Return the requests that go on while the service is replaced."""
    url, unsure = busy(wanted)
    return Filled({"url": url}, unsure)


def volume_persistence(wanted: Wanted) -> Filled:
    """Return the database's volume, else the first one."""
    keeping = [one for one in wanted.facts.services if one.volumes]
    named = [one for one in keeping if one.kind == "database"] or keeping
    if named:
        return Filled({"service": named[0].name, "path": named[0].volumes[0]})
    return Filled({"service": "db", "path": "/var/lib/postgresql/data"}, "name the volume")


def log_assert(wanted: Wanted) -> Filled:
    """Return what logs have to be, by what the words are about."""
    services = {"services": [_application(wanted)]}
    if wanted.kind == "secrets":
        return Filled({**services, "secrets": True})
    if wanted.kind == "json":
        return Filled({**services, "json": ">=95%"})
    if wanted.kind == "level":
        return Filled({**services, "fields": {"level": {"not": "debug"}}})
    return Filled({**services, "errors": "<=0"})


def fault_injection(wanted: Wanted) -> Filled:
    """Return a dependency that goes away, and what has to stay."""
    facts = wanted.facts
    found = facts.service("redis") or facts.service("database")
    url, unsure = busy(wanted)
    options: dict[str, object] = {
        "dependency": found.name if found else "redis",
        "liveness": {"url": facts.health or "/health"},
        "paths": [{"url": url, "status": 200, "duration": "<2s"}],
    }
    if wanted.kind == "latency":
        options["faults"] = ["latency"]
    missing = "" if found else "name the service that it depends on"
    return Filled(options, "; ".join(filter(None, (missing, unsure))))


def rollback_drill(wanted: Wanted) -> Filled:
    """Return the requests that have to be answered after the way back."""
    url, unsure = busy(wanted)
    smoke = [{"url": wanted.facts.health or "/health", "status": 200}, {"url": url, "status": 200}]
    return Filled({"smoke": smoke[:1] if smoke[0] == smoke[1] else smoke, "within": "2m"}, unsure)


def _place(wanted: Wanted) -> dict[str, str]:
    tests = next((one.name for one in wanted.facts.services if "test" in one.name), None)
    return {"run": tests} if tests else {"service": _application(wanted)}


def _commands(wanted: Wanted, *words: str) -> list[str]:
    return [one.text for one in wanted.item.commands if any(word in one.text for word in words)]


def command(wanted: Wanted) -> Filled:
    """Return the command that the item shows."""
    if shown := _commands(wanted, ""):
        return Filled({"in": _place(wanted), "command": shown[0]})
    folder = wanted.facts.first("tests/smoke/*", "**/smoke/*")
    run = f"pytest {folder.rpartition('/')[0]}" if folder else "pytest tests/smoke"
    return Filled({"in": _place(wanted), "command": run}, "" if folder else "name the command")


def test_run(wanted: Wanted) -> Filled:
    """Return the suite that the item shows, or the one in the folder of its name."""
    shown = _commands(wanted, "pytest", "test")
    folder = wanted.facts.first("tests/integration/*", "**/integration/*")
    run = shown[0] if shown else f"pytest {folder.rpartition('/')[0] if folder else 'tests'}"
    junit = "/tmp/junit.xml"  # noqa: S108 - inside the container
    if "--junit" not in run:
        run = f"{run} --junitxml={junit}"
    options = {"in": _place(wanted), "command": run, "junit": junit}
    return Filled(options, "" if shown or folder else "name the command of the suite")
