"""Dockerfiles into stages: lines, flags, heredocs, continued lines, hostile text."""

import time

import pytest

from readiness_gate.formats.dockerfile import expanded, parse
from readiness_gate.formats.image_name import image_name

TEXT = r"""# syntax=docker/dockerfile:1
# escape=\
ARG VERSION=3.13
FROM --platform=$BUILDPLATFORM python:${VERSION}-slim AS build
RUN apt-get update && \
    # a comment between
    \
    apt-get install -y gcc

RUN <<EOF
FROM evil
USER root
EOF
from build as final
COPY --from=build --chown=1:1 /a \
  /b
CMD ["run", \
     "fast"]
"""


def test_stages_and_instructions_have_their_lines() -> None:
    file = parse(TEXT)
    assert file.problems == ()
    assert [(one.image, one.name, one.line) for one in file.stages] == [
        ("python:3.13-slim", "build", 4),
        ("build", "final", 14),
    ]
    assert [(one.word, one.line) for one in file.stages[0].instructions] == [
        ("RUN", 5),
        ("RUN", 10),
    ]
    assert file.stages[0].instructions[0].text.split()[-1] == "gcc"
    assert "USER root" in file.stages[0].instructions[1].heredoc
    copy, command = file.stages[1].instructions
    assert (copy.flags, copy.text) == ((("from", "build"), ("chown", "1:1")), "/a /b")
    assert command.arguments == ("run", "fast")
    assert file.lineage(file.stages[1]) == (file.stages[1], file.stages[0])
    assert file.stage("BUILD") is file.stages[0]
    assert file.stage("1") is file.stages[1]
    assert file.stage("gone") is None


def test_a_shift_in_a_shell_begins_no_heredoc() -> None:
    file = parse("FROM a:1\nRUN echo $((1<<N))\nUSER app\n")
    assert [one.word for one in file.stages[0].instructions] == ["RUN", "USER"]


def test_a_backtick_escapes_where_the_directive_says_so() -> None:
    file = parse("# escape=`\nFROM a:1\nRUN dir `\n  c:\\\nUSER app\n")
    assert [one.text for one in file.stages[0].instructions] == ["dir c:\\", "app"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", (1, "there is no FROM")),
        ("RUN a\nFROM b", (1, "RUN before the first FROM")),
        ("FROM a\nRUM b", (2, "unknown instruction RUM")),
        ("FROM a b c", (1, "FROM takes an image and, after AS, a name")),
        ("FROM a\n{{ b }}", (2, "unknown instruction {{")),
    ],
)
def test_what_is_no_dockerfile_is_said(text: str, problem: tuple[int, str]) -> None:
    assert problem in parse(text).problems


def test_a_list_in_single_quotes_is_no_list() -> None:
    command = parse("FROM a\nCMD ['run']").stages[0].instructions[0]
    assert command.arguments is None


def test_unknown_variables_stay() -> None:
    assert expanded("${A:-b}$C${D}", {"C": "c"}) == "bc${D}"


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "--a " * 250_000,
        "FROM a\nRUN " + "<<A " * 200_000,
        "FROM a\n" + "RUN b \\\n" * 100_000,
        "FROM " + "${a-" * 200_000,
        "FROM a" + " " * 1_000_000 + "b",
        "FROM a\n" * 20_000,
        "FROM a\nCMD " + "[" * 500_000,
    ],
)
def test_a_hostile_text_is_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    file = parse(text)
    for stage in file.stages[-3:]:
        assert len(file.lineage(stage)) <= len(file.stages)
        for one in stage.instructions[:3]:
            assert one.arguments is None
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "parts", "pinned"),
    [
        ("redis", ("redis", "", ""), False),
        ("redis:latest", ("redis", "latest", ""), False),
        ("redis:8", ("redis", "8", ""), True),
        ("host:5000/a/b", ("host:5000/a/b", "", ""), False),
        ("host:5000/a/b:1@sha256:ab", ("host:5000/a/b", "1", "sha256:ab"), True),
        ("a@sha256:ab", ("a", "", "sha256:ab"), True),
    ],
)
def test_image_names_have_parts(text: str, parts: tuple[str, str, str], pinned: bool) -> None:
    name = image_name(text)
    assert (name.repository, name.tag, name.digest) == parts
    assert name.is_pinned is pinned
