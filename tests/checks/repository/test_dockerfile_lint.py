from pathlib import Path

import pytest

from readiness_gate.checks.repository.dockerfile_lint import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

GOOD = """\
ARG VERSION=3.13
FROM python:${VERSION}-slim AS build
RUN pip wheel .
FROM python:3.13-slim
ENV APP_USER=app SECRET_KEY_FILE=/run/secrets/key
COPY --from=build /wheels /wheels
USER ${APP_USER}
HEALTHCHECK CMD curl -f localhost
ENTRYPOINT ["/app"]
CMD ["serve"]
"""
ALL = (
    "rules: [non-root, pinned-base, exec-form, no-secrets, health-check, multi-stage, "
    "dockerignore, no-remote-add]"
)


def run(tree: Path, text: str = "{}", **files: str) -> CheckResult:
    for name, content in files.items():
        (tree / name).write_text(content)
    return CHECK.run(context(workspace=tree), options(CHECK, text))


@pytest.mark.parametrize("text", ["{}", ALL, "{path: Dockerfile, bases: ['python:3.13-*']}"])
def test_a_sound_dockerfile_passes(tmp_path: Path, text: str) -> None:
    result = run(tmp_path, text, Dockerfile=GOOD)
    assert result.outcome is Outcome.PASSED
    assert "1 Dockerfile" in result.summary


@pytest.mark.parametrize(
    ("rule", "content", "cause"),
    [
        ("non-root", "FROM a:1\n", "1: no USER is set"),
        ("non-root", "FROM nonroot/a:1\n", "1: no USER is set"),
        ("non-root", "FROM a:1\nUSER app\nUSER root\n", "3: the image runs as root"),
        ("non-root", "FROM a:1\nUSER 0:0\n", "2: the image runs as 0"),
        ("non-root", "FROM a:1 AS b\nUSER app\nFROM c:1\n", "3: no USER is set"),
        ("non-root", "FROM a:1\nARG ID=0\nUSER $ID\n", "3: the image runs as 0"),
        ("pinned-base", "FROM python\nUSER a\n", "1: python has no tag that pins it"),
        ("pinned-base", "FROM a:latest AS b\nFROM b\n", "1: a:latest has no tag"),
        ("pinned-digest", "FROM a:1\n", "1: a:1 is not named by digest"),
        ("exec-form", "FROM a:1\nCMD run it\n", "2: CMD is a shell's line"),
        ("exec-form", "FROM a:1\nENTRYPOINT ['run']\n", "2: ENTRYPOINT is a shell's line"),
        ("no-secrets", "FROM a:1\nENV A=b DB_PASSWORD=x\n", "2: ENV DB_PASSWORD stays"),
        ("no-secrets", "FROM a:1\nENV API_KEY x y\n", "2: ENV API_KEY stays"),
        ("no-secrets", "FROM a:1\nARG NPM_TOKEN\n", "2: ARG NPM_TOKEN stays"),
        ("no-secrets", "FROM a:1\nCOPY .env /app/\n", "2: .env is copied"),
        ("no-secrets", 'FROM a:1\nADD ["keys/id_rsa", "/root"]\n', "2: keys/id_rsa is copied"),
        ("no-secrets", "FROM a:1\nRUN pip install -i https://u:p@host/\n", "2: an address holds"),
        ("no-secrets", "FROM a:1\nRUN <<E\ncurl https://u:p@h\nE\n", "2: an address holds"),
        ("health-check", "FROM a:1\n", "1: there is no HEALTHCHECK"),
        ("health-check", "FROM a:1\nHEALTHCHECK CMD a\nHEALTHCHECK NONE\n", "3: HEALTHCHECK NONE"),
        ("multi-stage", "FROM a:1 AS b\nFROM c:1\nCOPY --from=d:1 a b\n", "2: what is shipped"),
        ("multi-stage", "FROM a:1 AS b\nFROM b\n", "2: what is shipped"),
        ("dockerignore", "FROM a:1\nCOPY . .\n", "2: the whole folder"),
        ("no-remote-add", "FROM a:1\nADD https://a/b /c\n", "2: ADD fetches"),
    ],
)
def test_a_rule_that_does_not_hold_is_placed(
    tmp_path: Path, rule: str, content: str, cause: str
) -> None:
    result = run(tmp_path, f"rules: [{rule}]", Dockerfile=content)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"Dockerfile:{cause}")
    [place] = result.evidence
    assert place.kind == "location"
    assert (place.path, place.line) == ("Dockerfile", int(cause.partition(":")[0]))


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("non-root", "FROM gcr.io/distroless/static:nonroot\n"),
        ("non-root", "FROM a:1 AS b\nUSER 10001\nFROM b\n"),
        ("pinned-base", "FROM scratch\n"),
        ("pinned-base", "ARG A=1\nFROM a:${A}\nFROM b:${B:-2}\n"),
        ("exec-form", 'FROM a:1\nCMD a b\nCMD ["a"]\n'),
        ("exec-form", "FROM a:1\nHEALTHCHECK CMD a b\n"),
        ("no-secrets", "FROM a:1\nENV PASSWORD_FILE=/run/x TOKEN= KEYBOARD=us GPG_KEY=A\n"),
        ("no-secrets", "FROM a:1\nCOPY --from=b .env x\nRUN curl https://u:$PASS@host\n"),
        ("multi-stage", "FROM a:1\nFROM b:1\nCOPY --from=0 a b\n"),
        ("multi-stage", "FROM a:1 AS w\nFROM b:1\nRUN --mount=type=bind,from=w,target=/w a\n"),
        ("no-remote-add", "FROM a:1\nADD --checksum=sha256:1 https://a/b /c\nADD a.tar /b\n"),
    ],
)
def test_a_rule_does_not_cry_wolf(tmp_path: Path, rule: str, content: str) -> None:
    assert run(tmp_path, f"rules: [{rule}]", Dockerfile=content).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("non-root", "FROM a:1\nUSER $UNKNOWN\n"),
        ("pinned-base", "ARG A\nFROM $A\n"),
    ],
)
def test_what_a_variable_decides_cannot_be_told(tmp_path: Path, rule: str, content: str) -> None:
    result = run(tmp_path, f"rules: [{rule}]", Dockerfile=content)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert result.evidence


def test_the_shipped_stage_is_the_one_that_is_named(tmp_path: Path) -> None:
    content = "FROM a:1 AS app\nUSER app\nFROM a:1 AS tests\n"
    assert run(tmp_path, "target: app", Dockerfile=content).outcome is Outcome.PASSED
    assert run(tmp_path, "{}", Dockerfile=content).outcome is Outcome.FAILED
    result = run(tmp_path, "target: gone", Dockerfile=content)
    assert result.summary == "Dockerfile: there is no stage gone"


def test_a_dockerignore_beside_the_file_counts(tmp_path: Path) -> None:
    files = {"Dockerfile": "FROM a:1\nCOPY . .\n", "Dockerfile.dockerignore": ".env\n"}
    assert run(tmp_path, "rules: [dockerignore]", **files).outcome is Outcome.PASSED


def test_every_dockerfile_is_read(tmp_path: Path) -> None:
    files = {"Dockerfile": GOOD, "Dockerfile.worker": "FROM a\n"}
    result = run(tmp_path, "{}", **files)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("Dockerfile.worker:1: no USER is set")


def test_other_bases_fail(tmp_path: Path) -> None:
    result = run(tmp_path, "{bases: 'alpine:*'}", Dockerfile=GOOD)
    assert "python:3.13-slim is none of alpine:*" in result.details


def test_no_dockerfile_is_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path).summary == "there is no Dockerfile in the checkout"
    assert run(tmp_path, "path: a/Dockerfile").summary == "no file at a/Dockerfile"


def test_what_is_no_dockerfile_is_a_failure(tmp_path: Path) -> None:
    for content in ("", "nonsense", "\x00\x01", "FROM a:1\nUSER app\nBREW tea\n"):
        assert run(tmp_path, "{}", Dockerfile=content).outcome is Outcome.FAILED


def test_what_cannot_be_read_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").symlink_to("/etc/passwd")
    assert run(tmp_path, "path: Dockerfile").error_class is ErrorClass.CONFIGURATION
    assert run(tmp_path, "path: ../Dockerfile").error_class is ErrorClass.CONFIGURATION
    (tmp_path / "Containerfile").write_bytes(b"#" * 1_100_000)
    assert run(tmp_path, "path: Containerfile").outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "text", ["rules: []", "rules: [gone]", "rules: [non-root, non-root]", "path: ['']"]
)
def test_options_that_assert_nothing_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
