from pathlib import Path

import pytest

from readiness_gate.checks.repository.config_value import CHECK
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.options import options, refusal

COMPOSE = """\
x-common: &common
  restart: always
  logging: {driver: json-file, options: {max-size: 10m}}
services:
  api:
    <<: *common
    image: "shop-api:1"
    replicas: 3
  db:
    image: postgres:17
    privileged: false
"""
FILES = {
    "compose.yml": COMPOSE,
    "many.yaml": "kind: Service\n---\nkind: Deployment\nspec: {replicas: 2}\n",
    "package.json": '{\n  "engines": {\n    "node": ">=20"\n  }\n}\n',
    "pyproject.toml": '[tool.mypy]\nstrict = true\nsince = 2024-01-02\n[project]\nname = "x"\n',
    "setup.cfg": "[mypy]\nstrict = True\nAllowed = yes\n",
    "web.xml": '<web xmlns:a="u"><item a:id="1">one</item><item>two</item><n><m/></n></web>\n',
    "Info.plist": (
        '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "x">\n'
        "<plist><dict><key>Secure</key><true/></dict></plist>\n"
    ),
    "log.properties": "# c\nroot.level=INFO\nfile : a\\\n  b\n! c\nempty\n",
    "plan": '{"resource_changes": [{"type": "aws_s3_bucket", "change": {"actions": ["create"]}}]}',
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(tree: Path, text: str) -> CheckResult:
    return CHECK.run(context(workspace=tree), options(CHECK, text))


@pytest.mark.parametrize(
    ("path", "query", "wanted"),
    [
        ("compose.yml", "$.services.api.restart", "always"),
        ("compose.yml", "$.services.api.replicas", "{ge: 2}"),
        ("compose.yml", "$.services.db.privileged", "false"),
        ("compose.yml", "$.services.*.image", "{not: {contains: 'shop-api:latest'}}"),
        ("compose.yml", "$.services.api.logging.options['max-size']", "10m"),
        ("many.yaml", "$[1].spec.replicas", "2"),
        ("package.json", "$.engines.node", "{have-prefix: '>='}"),
        ("pyproject.toml", "$.tool.mypy.strict", "true"),
        ("pyproject.toml", "$.tool.mypy.since", "'2024-01-02'"),
        ("setup.cfg", "$.mypy.Allowed", "'yes'"),
        ("web.xml", "$.web.item[0]['@a:id']", "'1'"),
        ("web.xml", "$.web.item[1]", "two"),
        ("web.xml", "$.web.n", "{have-key: m}"),
        ("Info.plist", "$.Secure", "true"),
        ("log.properties", "$['root.level']", "INFO"),
        ("log.properties", "$.file", "ab"),
    ],
)
def test_values_of_every_format_are_found(tree: Path, path: str, query: str, wanted: str) -> None:
    result = run(tree, f'path: {path}\njsonpath: {{"{query}": {wanted}}}')
    assert (result.outcome, result.summary) == (Outcome.PASSED, "1 value as expected in 1 file")


def test_a_rendered_plan_without_an_ending_has_its_format_said(tree: Path) -> None:
    query = 'jsonpath: {"$.resource_changes[*].change.actions": {not: {contain-element: [delete]}}}'
    assert run(tree, f"{{path: plan, format: json, {query}}}").outcome is Outcome.PASSED
    result = run(tree, f"{{path: plan, {query}}}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("path", "query", "wanted", "line"),
    [
        ("compose.yml", "$.services.api.replicas", "5", 8),
        ("compose.yml", "$.services.db.restart", "always", 9),
        ("compose.yml", "$.services.*.privileged", "{contains: true}", 11),
        ("many.yaml", "$[1].kind", "Job", 3),
        ("package.json", "$.engines.node", "'>=22'", 3),
        ("pyproject.toml", "$.project.name", "shop", 5),
        ("setup.cfg", "$.mypy.strict", "false", 2),
        ("log.properties", "$['root.level']", "WARN", 2),
        ("Info.plist", "$.Secure", "false", 2),
    ],
)
def test_another_value_fails_with_its_line(
    tree: Path, path: str, query: str, wanted: str, line: int
) -> None:
    result = run(tree, f'path: {path}\njsonpath: {{"{query}": {wanted}}}')
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith(f"{path}: {query}: expected ")
    (place,) = result.evidence
    assert place.kind == "location"
    assert place.line == line


def test_every_file_of_a_pattern_has_to_meet_everything(tree: Path) -> None:
    (tree / "apps").mkdir()
    (tree / "apps/a.json").write_text('{"debug": false}')
    (tree / "apps/b.json").write_text('{"debug": true}')
    result = run(tree, "{path: apps/*.json, jsonpath: {$.debug: false}}")
    assert result.summary == "apps/b.json: $.debug: expected false, got true"
    missing = run(tree, "{path: none/*.json, jsonpath: {$.debug: false}}")
    assert (missing.outcome, missing.summary) == (Outcome.FAILED, "no file at none/*.json")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"a": '),
        ("a.json", "[" * 100_000),
        ("a.json", '{"a": NaN}'),
        ("a.json", b"\xff\xfe"),
        ("a.yml", "a: [1"),
        ("a.yml", ""),
        ("a.yml", BOMB),
        ("a.yml", "a: &a [*a]"),
        ("a.toml", "a = "),
        ("a.ini", "no section"),
        ("a.xml", "<a><b></a>"),
        ("a.xml", LAUGHS),
        ("a.xml", "<a>" * 5_000),
        ("a.plist", "<plist><dict>"),
        ("a.plist", LAUGHS.replace("<l>", "<plist>").replace("</l>", "</plist>")),
        ("a.plist", "bplist00" + "\x01" * 40),
    ],
)
def test_what_cannot_be_read_cannot_be_told(tree: Path, name: str, text: str | bytes) -> None:
    (tree / name).write_bytes(text.encode() if isinstance(text, str) else text)
    result = run(tree, f"{{path: {name}, jsonpath: {{$.a: 1}}}}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)
    assert name in result.summary


def test_paths_that_leave_the_checkout_cannot_be_told(tree: Path) -> None:
    result = run(tree, "{path: ../a.json, jsonpath: {$.a: 1}}")
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


@pytest.mark.parametrize(
    "text",
    [
        "path: a.json",
        "{path: a.json, jsonpath: {}}",
        "{path: a.json, jsonpath: {$.a: null}}",
        "{path: a.json, jsonpath: {$.a: {}}}",
        "{path: a.json, jsonpath: {'a[': 1}}",
        "{path: [], jsonpath: {$.a: 1}}",
        "{path: a.json, format: csv, jsonpath: {$.a: 1}}",
        "{jsonpath: {$.a: 1}}",
    ],
)
def test_options_that_assert_nothing_or_are_wrong_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
