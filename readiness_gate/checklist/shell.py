"""Lines for a shell that a document shows: under an item, as an item, in a sentence."""

import re
from collections.abc import Iterator, Sequence

from readiness_gate.checklist.document import Command

LANGUAGES = frozenset(
    {"", "bash", "sh", "shell", "zsh", "console", "shell-session", "powershell", "ps1", "cmd",
     "bat", "terminal", "text", "fish"}
)  # fmt: skip
"""Info words of fences whose lines can be commands."""
_PROGRAMS = frozenset(
    {"alembic", "aws", "az", "bash", "bundle", "cargo", "chmod", "chown", "composer", "cp", "curl",
     "dig", "django-admin", "docker", "docker-compose", "dotnet", "flake8", "flask", "flyway",
     "gcloud", "gh", "git", "go", "gradle", "gunicorn", "helm", "java", "jest", "k6", "kubectl",
     "liquibase", "loadtest", "locust", "make", "mkdir", "mvn", "mypy", "mysql", "mysqldump", "nc",
     "nginx", "node", "npm", "npx", "openssl", "pg_dump", "pg_restore", "php", "pip", "pip3",
     "pipenv", "playwright", "pnpm", "poetry", "powershell", "pre-commit", "prisma", "promtool",
     "psql", "pwsh", "py", "pytest", "python", "python3", "rails", "rake", "redis-cli", "rsync",
     "ruff", "scp", "sh", "sqlite3", "ssh", "systemctl", "terraform", "tox", "trivy", "uv",
     "uvicorn", "wget", "yarn"}
)  # fmt: skip
_PROSE = re.compile(
    r"\b(?:installed|configured|is|are|was|passes|passing|runs|running|works|working|exists|ready"
    r"|enabled|created|and|updated|available|builds?\s+(?:without|succeeds?)|succeeds?|must|should"
    r"|deployed|manifests?|finalized|documented|tests? pass)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)([^`\n]{2,300})\1(?!`)")
_INTRODUCED = re.compile(r"(?:with|run|using|via|command)\s*:\s*(\S.*)$", re.IGNORECASE)
_COMMENT = re.compile(r"\s+#\s+(.*)$")
_PROMPT = re.compile(r"^(?:\$|PS [^>]*>|>)\s+")
_ASSIGNMENT = re.compile(r"^(?:[A-Z_][A-Z0-9_]*=\S*\s+)+")


def is_command(text: str) -> bool:
    """Return whether a line starts with a program and is no sentence about it."""
    text = _ASSIGNMENT.sub("", _PROMPT.sub("", text.strip()))
    words = text.split(maxsplit=1)
    if not words:
        return False
    script = re.fullmatch(r"\.{1,2}/[\w./-]+|[\w./-]+/[\w.-]+\.(?:sh|ps1)", words[0])
    if words[0] not in _PROGRAMS and not script:
        return False
    return not _PROSE.search(_COMMENT.sub("", words[1])) if len(words) > 1 else bool(script)


def command(text: str, *, line: int, language: str = "") -> Command:
    """Return a line as a command, its comment apart."""
    text = _PROMPT.sub("", text.strip())
    comment = _COMMENT.search(text)
    if comment:
        text = text[: comment.start()]
    return Command(text.strip(), line, comment[1].strip() if comment else "", language)


def commands(lines: Sequence[tuple[int, str]], *, language: str = "") -> tuple[Command, ...]:
    """Return the commands of a fence's lines; a comment above one belongs to it."""
    found: list[Command] = []
    comment = ""
    for number, text in _joined(lines):
        stripped = text.strip()
        if stripped.startswith("#"):
            comment = stripped.lstrip("#! ")
        elif not stripped:
            comment = ""
        elif _command_line(stripped, language):
            one = command(stripped, line=number, language=language)
            found.append(one if one.comment else Command(one.text, one.line, comment, one.language))
            comment = ""
    return tuple(found)


def code(text: str, *, line: int) -> tuple[Command, ...]:
    """Return the commands among the code of a sentence's Markdown."""
    return tuple(
        command(match[2], line=line) for match in _CODE.finditer(text) if is_command(match[2])
    )


def own(text: str, *, line: int, language: str) -> tuple[Command, ...]:
    """Return the command that an item's text is or ends in, `Test with: docker-compose up`."""
    if is_command(text):
        return (command(text, line=line, language=language),)
    introduced = _INTRODUCED.search(text)
    if introduced and is_command(introduced[1]):
        return (command(introduced[1], line=line, language=language),)
    return ()


def _command_line(text: str, language: str) -> bool:
    if is_command(text):
        return True
    return language not in {"", "text"} and bool(re.match(r"[a-z][\w.-]*\s+-{1,2}\w", text))


def _joined(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield lines with those that end in a backslash put together."""
    held, first = "", 0
    for number, text in lines:
        if text.rstrip().endswith("\\"):
            first = first if held else number
            held += text.strip()[:-1].rstrip() + " "
            continue
        yield (first, held + text.strip()) if held else (number, text)
        held = ""
    if held:
        yield first, held
