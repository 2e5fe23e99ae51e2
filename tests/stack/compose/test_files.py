from pathlib import Path

import pytest

from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import StackError
from readiness_gate.stack.compose.files import compose_files, scan, uses_of

PLAIN = "services: {web: {image: a}}\n"


def workspace(tmp_path: Path, **files: str) -> Workspace:
    root = tmp_path / "work"
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yml", ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Workspace(root)


def allowed_names(tmp_path: Path, text: str) -> list[str]:
    return [r.allow for r in scan(workspace(tmp_path, compose_yml=text), ["compose.yml"])]


def test_compose_s_own_names_are_looked_for_in_its_order(tmp_path: Path) -> None:
    there = workspace(tmp_path, docker_compose_yml=PLAIN, compose_yml=PLAIN)
    (there.root / "docker-compose.yml").write_text(PLAIN)
    (there.root / "compose.override.yml").write_text(PLAIN)
    assert compose_files(there, []) == ("compose.yml", "compose.override.yml")


def test_no_compose_file_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with pytest.raises(StackError, match="no compose file"):
        compose_files(workspace(tmp_path), [])


@pytest.mark.parametrize("name", ["missing.yml", "../compose.yml", "/etc/passwd"])
def test_a_configured_file_must_be_in_the_checkout(tmp_path: Path, name: str) -> None:
    with pytest.raises(StackError, match=r"stack\.files"):
        compose_files(workspace(tmp_path, compose_yml=PLAIN), [name])


@pytest.mark.parametrize(
    "text",
    [
        "include: [https://git.example/x.git]",
        "include: [{path: 'git@git.example:x/y.git'}]",
        "include: 'oci://registry.example/x:1'",
        "services: {a: {extends: {file: 'https://x.example/c.yml', service: a}}}",
    ],
)
def test_what_is_fetched_from_elsewhere_is_refused_before_compose_reads_it(
    tmp_path: Path, text: str
) -> None:
    assert allowed_names(tmp_path, text) == ["remote-file"]


@pytest.mark.parametrize(
    "text",
    [
        "include: [../other.yml]",
        "include: [{path: [/etc/compose.yml]}]",
        "include: [{path: a.yml, env_file: /proc/self/environ}]",
        "services: {a: {env_file: /proc/self/environ}}",
        "services: {a: {env_file: [{path: ../../secrets.env, required: false}]}}",
        "services: {a: {label_file: /etc/passwd}}",
        "services: {a: {extends: {file: ../x.yml, service: a}}}",
        "x: &x {env_file: /root/.docker/config.json}\nservices: {a: *x}",
        "x: &x {env_file: /root/.docker/config.json}\nservices: {a: {<<: *x}}",
        "x: &x {env_file: /etc/shadow}\nservices: {a: {<<: [*x], image: b}}",
        '{"services": {"a": {"env_file": "/etc/passwd"}}}',
        "services: {a: {env_file: !override [/etc/passwd]}}",
    ],
)
def test_files_outside_the_checkout_are_refused(tmp_path: Path, text: str) -> None:
    work = workspace(tmp_path, compose_yml=text, a_yml=PLAIN)
    assert [r.allow for r in scan(work, ["compose.yml"])] == ["file-outside"]


def test_a_path_that_a_variable_decides_is_refused(tmp_path: Path) -> None:
    assert allowed_names(tmp_path, "services: {a: {env_file: '${HOME}/.netrc'}}") == [
        "variable-path"
    ]


def test_included_files_are_walked_too_each_from_its_own_folder(tmp_path: Path) -> None:
    work = workspace(
        tmp_path,
        compose_yml="include: [deploy/base.yml]\nservices: {}",
        deploy__base_yml="services: {a: {env_file: ../.env, image: b}, c: {env_file: ../../.env}}",
    )
    (found,) = scan(work, ["compose.yml"])
    assert found.path == "services.c.env_file"
    assert "deploy/base.yml" in found.message


def test_files_given_together_start_at_the_first_one_s_folder(tmp_path: Path) -> None:
    work = workspace(
        tmp_path, compose_yml=PLAIN, deploy__prod_yml="services: {a: {env_file: ../.env}}"
    )
    assert len(scan(work, ["compose.yml", "deploy/prod.yml"])) == 1
    assert scan(work, ["deploy/prod.yml", "compose.yml"]) == ()


def test_a_link_out_of_the_checkout_is_refused(tmp_path: Path) -> None:
    work = workspace(tmp_path, compose_yml="services: {a: {env_file: link.env}}")
    (work.root / "link.env").symlink_to("/etc/passwd")
    assert len(scan(work, ["compose.yml"])) == 1


def test_includes_in_a_circle_end(tmp_path: Path) -> None:
    work = workspace(tmp_path, compose_yml="include: [a.yml]", a_yml="include: [compose.yml]")
    assert scan(work, ["compose.yml"]) == ()


@pytest.mark.parametrize("text", ["services: [", "a: &a [*a]", "\x00", "services: {a: *nobody}"])
def test_what_is_not_yaml_names_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(StackError, match=r"compose\.yml"):
        scan(workspace(tmp_path, compose_yml=text), ["compose.yml"])


def test_an_alias_bomb_costs_what_its_text_costs(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    text = "\n".join([*lines, "services: {}"])
    assert scan(workspace(tmp_path, compose_yml=text), ["compose.yml"]) == ()


def test_a_missing_include_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"gone\.yml is not in the checkout"):
        scan(workspace(tmp_path, compose_yml="include: [gone.yml]"), ["compose.yml"])


def test_the_use_of_a_variable_is_found_with_its_line(tmp_path: Path) -> None:
    text = "services:\n  web:\n    image: $${TAG}\n    command: ${TAG:-x} $TAGS\n"
    work = workspace(tmp_path, compose_yml=text)
    assert uses_of(work, ["compose.yml"], "TAG") == "compose.yml:4"
    assert uses_of(work, ["compose.yml"], "NOBODY") == "compose.yml"
