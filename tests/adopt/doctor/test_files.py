from pathlib import Path

from tests.adopt.doctor.builders import GATE, read


def test_a_file_that_is_no_yaml_is_a_finding_and_the_others_are_read(tmp_path: Path) -> None:
    good = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{{uses: '{GATE}'}}]\n"
    files, broken = read(tmp_path, {"a.yml": "on: [", "b.yml": good, "c.yaml": "a\n---\nb\n"})
    assert [one.path for one in files] == [".github/workflows/b.yml"]
    assert [one.rule for one in broken] == ["unreadable", "unreadable"]
    assert files[0].modes == {"run"}


def test_what_github_refuses_is_said_of_the_gates_own_workflows(tmp_path: Path) -> None:
    own = f"on: push\njobs:\n  a:\n    steps: [{{uses: '{GATE}'}}]\n"
    other = "on: push\njobs:\n  a:\n    steps: [{run: x}]\n"
    _, broken = read(tmp_path, {"own.yml": own, "other.yml": other})
    assert [(one.rule, one.file, one.line) for one in broken] == [
        ("refused-by-github", ".github/workflows/own.yml", 3)
    ]


def test_the_gate_is_known_by_its_name_in_anybodys_copy(tmp_path: Path) -> None:
    uses = [GATE, "acme/readiness-gate@v1", "docker://ghcr.io/acme/readiness-gate:v1", "./"]
    steps = "".join(f"      - uses: {one}\n" for one in uses)
    text = f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n{steps}"
    ((file,), _) = read(tmp_path, {"a.yml": text})
    assert len(file.steps) == 3
