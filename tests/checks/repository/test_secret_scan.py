"""Secrets in here are put together, so that no scanner stops at this file itself."""

import hashlib
import json
from pathlib import Path

import pytest

from readiness_gate.checks.repository.secret_scan import CHECK, SecretScanOptions
from readiness_gate.errors import ConfigurationError
from readiness_gate.formats.secret_lines import SecretLines, read_baseline
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.checkout import Checkout
from tests.fakes.context import context
from tests.fakes.options import options, refusal

AWS = "AKIA" + "Z7QX3MPL5TNVB2WD"
TOKEN = "ghp_" + "a8Kd03kfLs92jdKs81hfLq02mZx7Yb4Wc9Re"
RANDOM = "q8Zx0vP3nT7" + "LmK2rY5wHc9Jd4Gf6Ss1BbQ"
KEY = f'AWS = "{AWS}"\n'


REGEX = "detect_secrets.filters.regex."


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout")
    made.commit({"README.md": "# Shop\n", "old.py": f'OLD = "{TOKEN}"\n'})
    return made


def run(checkout: Checkout, text: str = "{}", *, base: str | None = None) -> CheckResult:
    known = context(workspace=checkout.root, git=checkout.git, base_sha=base)
    return CHECK.run(known, options(CHECK, text))


def baseline(*entries: tuple[str, str, str], **more: object) -> str:
    results: dict[str, list[dict[str, object]]] = {}
    for path, kind, value in entries:
        digest = hashlib.sha1(value.encode()).hexdigest()
        results.setdefault(path, []).append({"type": kind, "hashed_secret": digest, **more})
    plugins = [{"name": "AWSKeyDetector"}, {"name": "GitHubTokenDetector"}]
    return json.dumps({"plugins_used": plugins, "filters_used": [], "results": results})


def test_a_secret_that_the_change_adds_fails_with_its_line_and_never_its_value(
    checkout: Checkout,
) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"app/settings.py": f"import os\n\n{KEY}"})
    result = run(checkout, base=base)
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("1 potential secret in 3 new lines of 1 file, first app/")
    (place,) = result.evidence
    assert place.kind == "location"
    assert (place.path, place.line, place.text) == ("app/settings.py", 3, "AWS Access Key")
    assert AWS not in repr(result)


def test_what_was_there_before_the_change_is_not_the_change(checkout: Checkout) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"app.py": "print('hello')\n"})
    result = run(checkout, base=base)
    assert (result.outcome, result.summary) == (
        Outcome.PASSED,
        "no secret in 1 new line of 1 file",
    )
    assert run(checkout, "scope: tree", base=base).outcome is Outcome.FAILED


def test_a_change_that_only_takes_away_passes(checkout: Checkout) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"old.py": None})
    assert run(checkout, base=base).summary == "the change adds no line that could hold a secret"


def test_without_a_pull_request_every_tracked_file_is_looked_at(checkout: Checkout) -> None:
    (checkout.root / "untracked.py").write_text(KEY)
    result = run(checkout)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "1 potential secret in 2 files, first old.py:1: GitHub Token"


def test_githubs_merge_commit_is_compared_with_its_own_base(checkout: Checkout) -> None:
    checkout.run("checkout", "-q", "-b", "work")
    head = checkout.commit({"mine.py": "print(1)\n"})
    checkout.run("checkout", "-q", "main")
    checkout.commit({"theirs.py": KEY})
    checkout.run("merge", "-q", "--no-ff", head, "-m", "merge")
    known = context(workspace=checkout.root, git=checkout.git, base_sha="a" * 40, head_sha=head)
    result = CHECK.run(known, SecretScanOptions())
    assert (result.outcome, result.summary) == (Outcome.PASSED, "no secret in 1 new line of 1 file")


def test_a_base_that_is_not_here_cannot_be_told_and_says_what_to_set(checkout: Checkout) -> None:
    with pytest.raises(ConfigurationError, match="fetch-depth: 0") as refused:
        run(checkout, base="b" * 40)
    assert "actions/checkout" in refused.value.advice


def test_the_baseline_is_that_of_the_base_and_not_of_the_pull_request(checkout: Checkout) -> None:
    base = checkout.run("rev-parse", "HEAD")
    known = baseline(("app.py", "AWS Access Key", AWS))
    checkout.commit({"app.py": KEY, ".secrets.baseline": known})
    assert run(checkout, base=base).outcome is Outcome.FAILED
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"app.py": f"import os\n{KEY}"})
    checkout.commit({"app.py": f"import os\n# moved\n{KEY}# end\n"})
    result = run(checkout, "{scope: tree, baseline: .secrets.baseline}", base=base)
    assert "old.py" in result.summary
    assert "1 known from the baseline" in result.details


def test_what_an_audit_called_a_real_secret_is_not_known(checkout: Checkout) -> None:
    known = baseline(("old.py", "AWS Access Key", AWS), is_secret=True)
    checkout.commit({"old.py": KEY, ".secrets.baseline": known})
    assert run(checkout).outcome is Outcome.FAILED
    checkout.commit({".secrets.baseline": baseline(("old.py", "AWS Access Key", AWS))})
    assert run(checkout).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"results": {}}',
        '{"results": {}, "plugins_used": [], "filters_used": []}',
        '{"results": {}, "plugins_used": [{"name": "Own", "path": "x.py"}], "filters_used": []}',
        baseline().replace("[]", f'[{{"path": "{REGEX}should_exclude_file", "pattern": ["("]}}]'),
    ],
)
def test_a_baseline_that_is_none_cannot_be_told(checkout: Checkout, text: str) -> None:
    checkout.commit({".secrets.baseline": text})
    result = run(checkout)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


def test_a_baseline_that_was_named_has_to_be_there(checkout: Checkout) -> None:
    result = run(checkout, "baseline: ci/known.json")
    assert result.summary == "ci/known.json: there is no such file in the checkout"
    assert result.outcome is Outcome.ERROR


def test_a_comment_excuses_a_line_and_is_listed_and_can_be_refused(checkout: Checkout) -> None:
    checkout.commit({"old.py": f'OLD = "{TOKEN}"  # pragma: allowlist secret\n'})
    result = run(checkout)
    assert result.outcome is Outcome.PASSED
    assert "excused: old.py:1: GitHub Token" in result.details
    assert run(checkout, "inline-allowlist: false").outcome is Outcome.FAILED
    checkout.commit({"old.py": f'# pragma: allowlist nextline secret\nOLD = "{TOKEN}"\n'})
    assert run(checkout).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.py", f'token = "{RANDOM}"'),
        ("deploy.yml", f"api_token: {RANDOM}"),
        (".env.production", f"SECRET_KEY={RANDOM}"),
        ("a.ini", f"password = {RANDOM}"),
        ("b.yml", "password: hunter" + "2"),
        ("key.pem", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("min.js", "x" * 100_000 + KEY),
        ("latin.py", "# caf\xe9\n" + KEY),
    ],
)
def test_secrets_of_many_forms_are_found(checkout: Checkout, name: str, line: str) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({name: line.encode("latin-1") + b"\n"})
    assert run(checkout, base=base).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.py", 'token = os.environ["TOKEN"]'),
        ("deploy.yml", "api_token: ${API_TOKEN}"),
        (".github/readiness.yml", "  no-secrets: secret-scan"),
        ("package-lock.json", f'"integrity": "sha512-{RANDOM}"'),
        ("a.py", 'ID = "6f1b2a34-5c6d-4e7f-8a9b-0c1d2e3f4a5b"'),
        ("a.py", 'ADDRESS = "8.8.8.8"'),
    ],
)
def test_what_is_no_secret_is_let_through(checkout: Checkout, name: str, line: str) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({name: f"{line}\n"})
    assert run(checkout, base=base).outcome is Outcome.PASSED


def test_links_binary_files_and_what_is_excluded_are_counted(checkout: Checkout) -> None:
    (checkout.root / "link").symlink_to("/etc/passwd")
    checkout.commit({"logo.dat": b"\x00" + AWS.encode(), "vendor/x.py": KEY})
    result = run(checkout, "exclude: [vendor/**, old.py]")
    assert result.outcome is Outcome.PASSED
    assert result.details == "1 binary file not looked at\n3 files left out"


def test_a_text_too_large_to_read_cannot_be_told(checkout: Checkout) -> None:
    checkout.commit({"large.txt": b"text " * 2_000_000, "old.py": None})
    result = run(checkout)
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    assert "large.txt" in result.summary


def test_a_folder_without_git_is_looked_at_whole(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(KEY)
    assert CHECK.run(context(workspace=tmp_path), SecretScanOptions()).outcome is Outcome.FAILED
    (tmp_path / "empty").mkdir()
    nothing = CHECK.run(context(workspace=tmp_path / "empty"), SecretScanOptions())
    assert (nothing.outcome, nothing.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


def test_time_that_ran_out_is_never_green(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    result = CHECK.run(context(workspace=tmp_path, timeout=0.0), SecretScanOptions())
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INCONCLUSIVE)


@pytest.mark.parametrize("text", ["scope: all", "exclude: ''", "baseline: ''", "plugins: [a]"])
def test_wrong_options_are_refused(text: str) -> None:
    assert refusal(CHECK, text)


def test_detectors_take_their_settings_from_the_baseline() -> None:
    found = json.dumps(
        {
            "plugins_used": [{"name": "HexHighEntropyString", "limit": 8.0}],
            "filters_used": [],
            "results": {},
        }
    )
    detectors = SecretLines(read_baseline(found.encode()))
    assert not list(detectors.find("a.py", [(1, 'x = "0123456789abcdef0123456789abcdef99"')]))


HEX = "a472c3be82f0" + "91d7"


@pytest.mark.parametrize(
    "line",
    [
        "revision = '{}'",
        'down_revision: str | None = "{}"',
        "down_revision = ('c05e319d2b7a', '{}')",
        '"head-sha": "{}",',
        'commit: "{}"',
        'sha256 = "{}"',
    ],
)
def test_names_of_versions_are_no_secrets(checkout: Checkout, line: str) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"versions/a.py": line.format(HEX) + "\n"})
    assert run(checkout, base=base).outcome is Outcome.PASSED


@pytest.mark.parametrize("line", ["key = '{}'", "share = '{}'", "call('{}')", "commit_key = '{}'"])
def test_other_hexadecimal_texts_may_be(checkout: Checkout, line: str) -> None:
    base = checkout.run("rev-parse", "HEAD")
    checkout.commit({"versions/a.py": line.format(HEX) + "\n"})
    result = run(checkout, base=base)
    assert result.outcome is Outcome.FAILED
    assert "Hex High Entropy String" in result.summary
