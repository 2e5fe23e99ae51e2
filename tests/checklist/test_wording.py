"""What words say beside the text: severity, phase, cadence, condition; and lines for a shell."""

import pytest

from readiness_gate.checklist import cadences, shell, wording
from readiness_gate.checklist.markdown import read_document
from readiness_gate.model.outcome import Severity, Stage


@pytest.mark.parametrize(
    ("raw", "text", "severity", "phase"),
    [
        ("**Clean up** 🔴 CRITICAL", "Clean up", Severity.CRITICAL, None),
        ("[P0] Two replicas", "Two replicas", Severity.CRITICAL, None),
        ("P3: nice to have", "nice to have", Severity.LOW, None),
        ("[HIGH] Keys (Phase 2)", "Keys", Severity.HIGH, "phase-2"),
        ("Keys rotate (critical)", "Keys rotate", Severity.CRITICAL, None),
        ("[ВЫСОКИЙ] Ключи", "Ключи", Severity.HIGH, None),
        ("Backups (hourly, Phase 1)", "Backups (hourly)", None, "phase-1"),
        ("Phase 2: more users", "more users", None, "phase-2"),
        ("Cost design (MVP design)", "Cost design (MVP design)", None, "mvp"),
        ("Critical errors are alerted on", "Critical errors are alerted on", None, None),
        ("High load is survived", "High load is survived", None, None),
        ("Uses the P1 plan", "Uses the P1 plan", None, None),
        ("~~Old~~ *new* _way_ `code` <!-- x -->", "Old new way code", None, None),
        ('[guide](https://example.org/a_(b) "title")', "guide", None, None),
    ],
)
def test_tags_leave_the_text(
    raw: str, text: str, severity: Severity | None, phase: str | None
) -> None:
    assert wording.tags(raw) == (text, severity, phase)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("🔐 Security ✅ MVP 60% → Phase 1 100%", "Security"),
        ("3. Hardening 🔒", "Hardening"),
        ("1.2) Data / Storage", "Data / Storage"),
        ("Reliability: MVP 50% / Phase 1 90%", "Reliability"),
        ("Security (60%)", "Security"),
        ("Security (60 % complete)", "Security"),
        ("Security: 60%", "Security"),
        ("Security 60% done", "Security"),
        ("**Security** [7.5%]", "Security"),
        ("60%", "60"),
        ("परीक्षण", "परीक्षण"),
        ("✅", "✅"),
    ],
)
def test_a_heading_without_its_icons(raw: str, words: str) -> None:
    assert wording.heading(raw) == words


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("CRITICAL", Severity.CRITICAL),
        ("High priority", Severity.HIGH),
        ("Priority: medium", Severity.MEDIUM),
        ("P3", Severity.LOW),
        ("Критично", Severity.CRITICAL),
        ("Niedrig", Severity.LOW),
        ("Highlights", None),
        ("Critical Error Alerts are set", None),
    ],
)
def test_a_heading_states_a_severity(text: str, severity: Severity | None) -> None:
    assert wording.heading_severity(text) == severity


@pytest.mark.parametrize(
    ("text", "name", "stage"),
    [
        ("Daily", "daily", Stage.SCHEDULED),
        ("Еженедельно", "weekly", Stage.SCHEDULED),
        ("Immediate Checks (first 5 minutes)", "first-5-minutes", Stage.POST_DEPLOY),
        ("Short-term Monitoring (first hour)", "first-hour", Stage.POST_DEPLOY),
        ("Первая неделя", "first-week", Stage.POST_DEPLOY),
        ("Week 1", "week-1", Stage.POST_DEPLOY),
        ("Post-Launch Support", "after-deploy", Stage.POST_DEPLOY),
        ("После релиза", "after-deploy", Stage.POST_DEPLOY),
        ("Pre-Deployment Validation", "before-deploy", Stage.PRE_DEPLOY),
        ("Before each release", "before-deploy", Stage.PRE_DEPLOY),
        ("Перед каждым деплоем", "before-deploy", Stage.PRE_DEPLOY),
    ],
)
def test_a_cadence_becomes_a_stage(text: str, name: str, stage: Stage) -> None:
    assert cadences.cadence(text) == (name, stage)


@pytest.mark.parametrize("text", ["Deployment", "Security", "The week ahead", "Launch"])
def test_other_headings_have_no_cadence(text: str) -> None:
    assert cadences.cadence(text) is None


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("CDN configured (if applicable)", "if applicable"),
        ("Redis installed (optional)", "optional"),
        ("Prevention (if using DB)", "if using db"),
        ("Optimization if needed", "if needed"),
        ("Audit if issues found", "if issues found"),
        ("Куки (если применимо)", "если применимо"),
        ("Docker Compose (Optional)", "optional"),
        ("Alert if the disk is full", None),
        ("Backups (hourly)", None),
    ],
)
def test_a_condition_is_for_somebody_to_decide(text: str, on: str | None) -> None:
    assert cadences.condition(text) == on


@pytest.mark.parametrize(
    "text",
    ["make check", "./run.sh", "scripts/a.sh --all", "$ docker compose up -d", "A=1 pytest -q",
     "python -c 'x'", "pip install -r requirements.txt   # Core"],
)  # fmt: skip
def test_a_line_for_a_shell(text: str) -> None:
    assert shell.is_command(text)


@pytest.mark.parametrize(
    "text",
    ["kubectl installed and configured", "Docker installed", "git", "make sure it works is known",
     "pip/conda package manager working", "docker-compose.yml exists", "", "python is fast"],
)  # fmt: skip
def test_a_sentence_about_a_program(text: str) -> None:
    assert not shell.is_command(text)


def test_comments_and_broken_lines_of_a_fence() -> None:
    lines = list(
        enumerate(["# 1. Build", "make \\", "  all", "", "pytest -q  # quick", "Some words"], 1)
    )
    assert [(one.text, one.line, one.comment) for one in shell.commands(lines)] == [
        ("make all", 2, "1. Build"),
        ("pytest -q", 5, "quick"),
    ]


def test_an_items_commands_are_those_below_it_else_of_its_fields_else_its_own() -> None:
    found = read_document(
        "a.md",
        b"- [ ] One\n  - **Fix:** run `make fix`\n  - **Verification:** `make check` passes\n"
        b"- [ ] Two with `make two`\n\n```bash\n[ ] make three  # note\n[ ] Test with: make four\n"
        b"[ ] five\n    make five\n    make more\n```\n",
    )
    assert [[one.text for one in item.commands] for item in found.items] == [
        ["make check"],
        ["make two"],
        ["make three"],
        ["make four"],
        ["make five", "make more"],
    ]
