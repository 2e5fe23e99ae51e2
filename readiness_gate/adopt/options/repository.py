"""Options of checks that read the checkout."""

import re
from collections.abc import Callable

from readiness_gate.adopt.options import floors
from readiness_gate.adopt.options.wanted import Filled, Wanted

_SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|KEY$|KEY_|DSN")
_LENGTH = re.compile(
    r"(?:min(?:imum)?|at least|мин\w*|не менее)\D{0,12}(\d{1,3})\s*(?:char|симв|bytes)"
)
_INSTALL = re.compile(r"\b(?:pip|uv pip|poetry|uv) (?:install|add)\s+([^#\n]+)")
_DECLARED = re.compile(r"^(.{1,200}?) (?:is|are) (?:declared|listed|pinned)\b")
_EVERY = frozenset({"dependencies", "packages", "requirements", "versions", "libraries"})
_FEW_MARKERS = re.compile(r"\b(fewer than |less than )?(\d{1,6}) (?:todo|fixme)")
_NO_MARKER = re.compile(
    r"\b(no|zero|0|without|нет|без)\b.{0,20}\b(todo|fixme)|\b(todo|fixme)s?\b.{0,20}\b(remov|resolv)ed"
)
_QUOTED = re.compile(r"`([a-z][\w.-]+)`")
_STOPWORDS = frozenset(
    [
        "the",
        "a",
        "an",
        "and",
        "or",
        "of",
        "for",
        "in",
        "on",
        "is",
        "are",
        "to",
        "with",
        "our",
        "all",
        "any",
        "written",
        "created",
        "documented",
        "defined",
        "prepared",
        "ready",
        "updated",
        "complete",
        "completed",
        "set",
        "place",
        "listed",
        "agreed",
        "published",
        "accessible",
        "strategy",
        "plan",
        "policy",
        "policies",
        "procedure",
        "procedures",
        "process",
        "guide",
        "documentation",
        "document",
        "runbook",
        "runbooks",
        "common",
        "minimum",
        "days",
        "current",
        "regular",
    ]
)


def env_contract(wanted: Wanted) -> Filled:
    """Return the variables that the text names, else those of the example file."""
    facts = wanted.facts
    example = facts.environment_example
    if wanted.kind == "documented":
        options: dict[str, object] = {"file": example or ".env.example"}
        names = list(facts.variables(example)) if example else []
        options["required"] = {name: {"empty": True} for name in names or ["DATABASE_URL"]}
        return Filled(options, "" if names else "add an .env.example that names every variable")
    path = facts.environment_file
    known = facts.variables(path) if path else ()
    named = [one for one in wanted.variables if not known or one in known or _SECRET.search(one)]
    missing = ""
    if not named:
        named = [one for one in known if _SECRET.search(one)] or list(known)
        missing = "" if named else "name the variables under `required`"
    options = {
        "file": path or ".env.ci",
        "required": {one: _rule(one, wanted) for one in named or ["SECRET_KEY"]},
    }
    if example and path != example:
        options["example"] = example
    if not path:
        missing = "add a file with the values that CI uses, or write source: environment"
    return Filled(options, missing)


def _rule(name: str, wanted: Wanted) -> dict[str, object]:
    if not _SECRET.search(name):
        return {}
    length = _LENGTH.search(wanted.told.casefold())
    strong = "strong" in wanted.small or "secure" in wanted.small
    rule: dict[str, object] = {}
    if length or strong:
        rule["min-length"] = int(length[1]) if length else 16
    if strong:
        rule["entropy"] = 3
    return rule


def secret_scan(_wanted: Wanted) -> Filled:
    """Return the whole tree, as the sentence speaks of all of the code."""
    return Filled({"scope": "tree"})


def dependency_declared(wanted: Wanted) -> Filled:
    """Return the packages that the text tells to install, or that its words stand for."""
    path = wanted.facts.requirements
    packages = {"sentry": ["sentry-sdk"], "oauth": ["authlib"], "load-tool": ["locust"]}.get(
        wanted.kind, []
    )
    lacks = "" if path else "say which file declares the packages"
    found = _INSTALL.search(wanted.told)
    if wanted.kind == "packages":
        named = _DECLARED.search(wanted.item.text)
        words = found[1].split() if found else _listed(named[1]) if named else []
        packages = [one for one in words if re.fullmatch(r"[A-Za-z][\w.-]*", one)]
        packages = [one for one in packages if not one.endswith(".txt")]
        if not packages:
            options: dict[str, object] = {"path": path or "requirements.txt", "pinned": True}
            return Filled(options, lacks)
    if wanted.kind == "oauth":
        lacks = "; ".join(filter(None, (lacks, "name the package that speaks OAuth")))
    given = {"path": path or "**/requirements*.txt", "required": dict.fromkeys(packages)}
    pinned = {"pinned": True} if re.search(r"\bpinned\b", wanted.small) else {}
    return Filled({**given, **pinned}, lacks)


def _listed(text: str) -> list[str]:
    """Return the names of `a, b and c`; none where a word between says something else."""
    names = re.split(r",\s*(?:and\s+)?|\s+and\s+", text)
    other = any(" " in name or name.casefold() in _EVERY for name in names)
    return [] if other else names


def source_rule(wanted: Wanted) -> Filled:
    """Return the rule, by what the words are about."""
    return Filled({"rules": ["debug-flag" if wanted.kind == "debug" else "sql-formatting"]})


def code_metric(wanted: Wanted) -> Filled:
    """Return the metric and its limit; what is there already may stay, but not grow."""
    if wanted.kind == "markers":
        if found := _FEW_MARKERS.search(wanted.small):
            return Filled({"metric": "markers", "limit": f"<{'' if found[1] else '='}{found[2]}"})
        if _NO_MARKER.search(wanted.small):
            return Filled({"metric": "markers", "limit": "<=0"})
        return Filled({"metric": "markers", "limit": "<=10", "ratchet": True})
    metric = "type-hints" if wanted.kind == "hints" else "docstrings"
    share = floors.promised(wanted)
    limit = floors.floor(wanted, share) if share else ">=80%"
    todo = "" if limit else floors.UNCLEAR
    return Filled({"metric": metric, "limit": limit or ">=80%"}, todo)


def doc_sections(wanted: Wanted) -> Filled:
    """Return the document that the text names, else the one whose name shares its words."""
    facts = wanted.facts
    headings = {"deploy": ["Rollback"], "backup": ["Restore"]}.get(wanted.kind, [])
    named = next((path for one in wanted.documents if (path := facts.document(one))), None)
    if named is None and wanted.documents:
        wished = wanted.documents[0]
        path = wished if "/" in wished else f"docs/{wished}"
        return Filled(_document(path, headings))
    path = named or _by_words(wanted)
    if path is None:
        guess = _example_document(wanted)
        return Filled(_document(guess, headings), "name the document, and the headings it needs")
    lacks = "" if headings or named else "is this the document? name the headings that it needs"
    return Filled(_document(path, headings), lacks)


def _document(path: str, headings: list[str]) -> dict[str, object]:
    options: dict[str, object] = {"path": path, "min-words": 30, "complete": True}
    if headings:
        options["headings"] = headings
    return options


def _words(text: str) -> set[str]:
    return {one[:5] for one in re.findall(r"[a-z]{3,}", text.casefold()) if one not in _STOPWORDS}


def _by_words(wanted: Wanted) -> str | None:
    wished = _words(wanted.item.text)
    best: tuple[int, str] | None = None
    for path in wanted.facts.files:
        if path.casefold().endswith((".md", ".rst", ".adoc")) and path != wanted.item.path:
            shared = len(wished & _words(path.rpartition("/")[2]))
            if shared and (best is None or shared > best[0]):
                best = (shared, path)
    return best[1] if best else None


def _example_document(wanted: Wanted) -> str:
    words = [one for one in re.findall(r"[a-z]+", wanted.small) if one not in _STOPWORDS]
    return f"docs/{'_'.join(words[:3]).upper() or 'OPERATIONS'}.md"


def doc_freshness(wanted: Wanted) -> Filled:
    """Return the document, beside the code that it has to keep up with."""
    facts = wanted.facts
    if wanted.kind in {"terms", "privacy"}:
        words = {"terms": "*TERMS*", "privacy": "*PRIVACY*"}[wanted.kind]
        found = facts.first(f"**/{words}.md", f"**/{words.lower()}.md", f"**/{words.lower()}.html")
        guess = f"docs/{words.strip('*')}.md"
        options: dict[str, object] = {"docs": found or guess, "max-age": "365d", "stated": True}
        return Filled(options, "" if found else "name the document")
    named = next((path for one in wanted.documents if (path := facts.document(one))), None)
    path = named or ("README.md" if "readme" in wanted.small else _by_words(wanted))
    code = "**/*.py" if facts.sources else "src/**/*"
    options = {"docs": path or "docs/**/*.md", "code": code}
    return Filled(options, "" if path else "name the documents and the code that they are about")


def changelog(wanted: Wanted) -> Filled:
    """Return that a change adds its line."""
    path = wanted.facts.document("CHANGELOG.md")
    options: dict[str, object] = {"path": path or "CHANGELOG.md", "entry": True}
    return Filled(options)


def dockerfile_lint(wanted: Wanted) -> Filled:
    """Return the rules that the words are about."""
    rules = ["non-root", "pinned-base", "exec-form", "no-secrets"]
    if wanted.kind == "stages":
        rules = ["multi-stage", "pinned-base"]
    return Filled({"rules": rules}, "" if wanted.facts.dockerfile else "there is no Dockerfile")


def compose_model(wanted: Wanted) -> Filled:
    """Return what the compose file has to say, by what the words are about."""
    lacks = "" if wanted.facts.compose_files else "there is no compose file"
    filled = _COMPOSE.get(wanted.kind, _compose_file)(wanted)
    return Filled(filled.options, "; ".join(filter(None, (lacks, filled.todo))))


def _compose_file(wanted: Wanted) -> Filled:
    names = [one.name for one in wanted.facts.services if not one.profiles]
    return Filled({"services": names} if names else {"rules": ["no-privileges"]})


def _rules(*rules: str) -> Callable[[Wanted], Filled]:
    return lambda _wanted: Filled({"rules": list(rules)})


def _volumes(wanted: Wanted) -> Filled:
    found = {one.name: one.volumes[0] for one in wanted.facts.services if one.volumes}
    if found:
        return Filled({"volumes": found})
    return Filled({"volumes": {"db": "/var/lib/postgresql/data"}}, "say which volumes, and where")


def _networks(wanted: Wanted) -> Filled:
    found = {
        one.name: list(one.networks)
        for one in wanted.facts.services
        if one.networks and one.networks != ("default",)
    }
    if found:
        return Filled({"networks": found})
    return Filled({"networks": {"db": ["internal"]}}, "say which service is in which network")


def _ports(wanted: Wanted) -> Filled:
    app = wanted.facts.application
    published = [one.name for one in wanted.facts.services if one.published]
    names = published or ([app.name] if app else ["backend"])
    return Filled({"published": names}, "name the services that may publish ports")


def _named(kind: str, example: str, todo: str) -> Callable[[Wanted], Filled]:
    def fill(wanted: Wanted) -> Filled:
        found = wanted.facts.worker if kind == "worker" else wanted.facts.service(kind)
        return Filled({"services": [found.name if found else example]}, "" if found else todo)

    return fill


def _model_cache(wanted: Wanted) -> Filled:
    worker = wanted.facts.worker or wanted.facts.application
    name = worker.name if worker else "worker"
    return Filled({"volumes": {name: "/var/cache/models"}}, "say where the models are kept")


_COMPOSE: dict[str, Callable[[Wanted], Filled]] = {
    "volumes": _volumes,
    "networks": _networks,
    "ports": _ports,
    "health": _rules("health-check"),
    "interval": _rules("health-check", "healthy-dependencies"),
    "limits": _rules("memory-limit", "cpu-limit"),
    "log-rotation": _rules("log-rotation"),
    "logs": _named("logs", "loki", "name the services that collect the logs"),
    "replica": _named("replica", "db-replica", "name the replica's service"),
    "worker": _named("worker", "worker", "name the service that works in the background"),
    "model-cache": _model_cache,
}


def kubernetes_manifest(wanted: Wanted) -> Filled:
    """Return the manifests, with the kind or the rule that the words are about."""
    path = wanted.facts.kubernetes
    options: dict[str, object] = {"path": path or "deploy/k8s/**/*.yaml"}
    kinds = {
        "namespace": "Namespace", "configmap": "ConfigMap", "config map": "ConfigMap",
        "secret": "Secret", "ingress": "Ingress", "persistent": "PersistentVolumeClaim",
        "deployment manifest": "Deployment", "canary": "Rollout",
    }  # fmt: skip
    kind = next((kind for word, kind in kinds.items() if word in wanted.small), None)
    if wanted.kind == "autoscaling":
        options["rules"] = ["autoscaling"]
    elif "network polic" in wanted.small:
        options["rules"] = ["network-policy"]
    elif kind is not None:
        options["kinds"] = {kind: 1}
    else:
        options["rules"] = ["readiness-probe", "no-plain-secrets"]
    return Filled(options, "" if path else "name the manifests")


def alert_rules(wanted: Wanted) -> Filled:
    """Return the file of the rules; routes where the words are about them."""
    facts = wanted.facts
    options: dict[str, object] = {"path": facts.alerts or "monitoring/alerts.yml"}
    lacks = "" if facts.alerts else "name the file of the alert rules"
    if wanted.kind == "routed":
        manager = facts.first("**/alertmanager.yml", "**/alertmanager.yaml")
        options |= {"alertmanager": manager or "monitoring/alertmanager.yml", "routed": True}
        lacks = lacks or ("" if manager else "name Alertmanager's configuration")
    elif not re.search(r"alert(ing)? rules|алерт", wanted.small):
        lacks = lacks or "name the alerts that it is about under `alerts`"
    return Filled(options, lacks)


def dashboard_file(wanted: Wanted) -> Filled:
    """Return the dashboards that are kept in the repository."""
    path = wanted.facts.dashboards
    return Filled(
        {"path": path or "monitoring/dashboards/*.json"}, "" if path else "name the dashboards"
    )


def ci_config(wanted: Wanted) -> Filled:
    """Return what the workflows have to do."""
    facts = wanted.facts
    if wanted.kind == "updates":
        updates = [
            name
            for name, there in (
                ("pip", facts.requirements),
                ("docker", facts.dockerfile),
                ("github-actions", facts.workflows),
            )
            if there
        ]
        return Filled({"updates": updates or ["pip"]})
    options: dict[str, object] = {"triggers": ["pull_request"]}
    if any("pytest" in text for _, text in facts.workflows):
        options["steps"] = ["pytest"]
    return Filled(options)


_APPLE = {"$.NSCameraUsageDescription": {"have-len": {"gt": 10}}}
_FILES: dict[str, tuple[str, tuple[str, ...]]] = {
    "privacy": ("docs/PRIVACY_POLICY.md", ("**/*PRIVACY*", "**/*privacy*")),
    "terms": ("docs/TERMS_OF_SERVICE.md", ("**/*TERMS*", "**/*terms*")),
    "screenshots": ("mobile/fastlane/screenshots/**/*.png", ("**/screenshots/**/*.png",)),
    "listing": ("mobile/fastlane/metadata/android/*/full_description.txt",
                ("**/full_description.txt",)),
    "fail2ban": ("deploy/fail2ban/jail.local", ("**/jail.local",)),
    "node": ("package-lock.json", ("**/package-lock.json", "**/yarn.lock", "**/pnpm-lock.yaml")),
}  # fmt: skip


def file_exists(wanted: Wanted) -> Filled:
    """Return the file that the words are about."""
    example, patterns = _FILES.get(wanted.kind, ("README.md", ()))
    found = wanted.facts.first(*patterns)
    return Filled({"path": found or example}, "" if found else "name the file")


_CONTENTS: dict[str, tuple[str, tuple[str, ...], dict[str, list[str]]]] = {
    "gradle": ("mobile/android/app/build.gradle", ("**/build.gradle", "**/build.gradle.kts"),
               {"contains": ["compileSdk", "versionCode", "versionName"]}),
    "signing": ("mobile/android/app/build.gradle", ("**/build.gradle", "**/build.gradle.kts"),
                {"contains": ["signingConfigs"]}),
    "cookies": ("frontend/src/**/*", (), {"contains": ["CookieConsent"]}),
    "markup": ("frontend/src/**/*", (), {"absent": ["dangerouslySetInnerHTML", "v-html"]}),
    "ssh-keys": ("deploy/sshd_config", ("**/sshd_config",),
                 {"matches": ["^PubkeyAuthentication yes"]}),
    "ssh-password": ("deploy/sshd_config", ("**/sshd_config",),
                     {"matches": ["^PasswordAuthentication no"]}),
    "encrypted": ("deploy/plan.json", ("**/plan.json",),
                  {"matches": ['"storage_encrypted": ?true']}),
    "backup-encrypted": ("scripts/backup.sh", ("**/backup*.sh",),
                         {"matches": ["gpg --encrypt|age --encrypt|--sse"]}),
}  # fmt: skip


def file_content(wanted: Wanted) -> Filled:
    """Return the file that the words are about, and what it has to say."""
    example, patterns, asserted = _CONTENTS[wanted.kind]
    found = wanted.facts.first(*patterns)
    if wanted.kind in {"markup", "cookies"}:
        page = wanted.facts.first("**/src/**/*.tsx", "**/src/**/*.jsx", "**/src/**/*.vue")
        found = f"{page.partition('/src/')[0]}/src/**/*" if page else None
    todo = "" if found and wanted.kind == "markup" else "see whether this is where it is decided"
    return Filled({"path": found or example, **asserted}, todo)


def config_value(wanted: Wanted) -> Filled:
    """Return a value of a file of settings."""
    facts = wanted.facts
    if wanted.kind == "plist":
        found = facts.first("**/Info.plist")
        return Filled(
            {"path": found or "mobile/ios/Info.plist", "jsonpath": _APPLE},
            "" if found and "camera" in wanted.small else "name the key that it is about",
        )
    if wanted.kind == "manifest":
        found = facts.first("**/AndroidManifest.xml")
        path = found or "mobile/android/AndroidManifest.xml"
        value = {"$.manifest": {"exists": True}}
        return Filled({"path": path, "jsonpath": value}, "name the value that it is about")
    found = facts.first("**/plan.json", "**/tfplan.json")
    value = {"$.resource_changes": {"exists": True}}
    return Filled(
        {"path": found or "deploy/plan.json", "jsonpath": value},
        "let CI leave `terraform show -json`, and name the resource and its value",
    )
