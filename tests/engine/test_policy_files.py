from readiness_gate.config.load import load_config
from readiness_gate.engine.policy_files import policy_files

CONFIG = b"""
version: 1
checklist: [docs/READY.md, ./docs/SECURITY.md]
stack: {files: [deploy/stack.yml], env-file: .env.ci}
databases: {main: {service: db, migrations: {service: api, config: db/alembic.ini}}}
items:
  secrets: {check: secret-scan, with: {baseline: ops/known-secrets.json}}
  several: {checks: [{check: secret-scan, with: {baseline: b.json}}, {check: file-exists}]}
"""


def test_every_file_that_the_configuration_names_is_the_gates_own() -> None:
    config = load_config(CONFIG, name="gate.yml", check_ids=["secret-scan", "file-exists"]).config
    assert policy_files("ci/gate.yml", config) == (
        "ci/gate.yml",
        "docs/READY.md",
        "docs/SECURITY.md",
        ".github/readiness-waivers.yml",
        ".github/readiness-attestations.yml",
        "deploy/stack.yml",
        ".env.ci",
        "**/db/alembic.ini",
        "ops/known-secrets.json",
        "b.json",
    )
