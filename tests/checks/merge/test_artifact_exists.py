from datetime import UTC, datetime

import pytest

from readiness_gate.checks.merge.artifact_exists import CHECK
from readiness_gate.errors import ForgeError
from readiness_gate.model.delivery import (
    CommitRuns,
    DeliveredRun,
    ImageAnswer,
    ImageVersion,
    Release,
    ReleaseAnswer,
    ReleaseAsset,
    TagAnswer,
    WorkflowArtifact,
)
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from tests.fakes.context import context
from tests.fakes.facts import FakeFacts, FakeInventory
from tests.fakes.options import options, refusal

HEAD = "a" * 40
DIGEST = "sha256:" + "d" * 64
OTHER = "sha256:" + "e" * 64


def run(text: str, inventory: FakeInventory, *, head: str | None = HEAD) -> CheckResult:
    given = FakeFacts(inventory=inventory)
    return CHECK.run(context(github=given, head_sha=head), options(CHECK, text))


def release(*assets: ReleaseAsset, draft: bool = False) -> FakeInventory:
    found = Release(tag="v1.4.0", draft=draft, assets=assets)
    return FakeInventory(
        releases={
            "v1.4.0": ReleaseAnswer(asked="v1.4.0", release=found),
            "latest": ReleaseAnswer(asked="latest", release=found),
            "v9": ReleaseAnswer(asked="v9"),
        }
    )


def asset(name: str, size: int = 10, *, uploaded: bool = True, digest: str = "") -> ReleaseAsset:
    return ReleaseAsset(name=name, size=size, uploaded=uploaded, digest=digest)


def said(text: str, inventory: FakeInventory) -> tuple[Outcome, str]:
    result = run(text, inventory)
    return result.outcome, result.summary


def test_a_release_and_its_file() -> None:
    files = release(asset("shop-1.4.0.tar.gz"), asset("sbom.json"))
    assert said("{release: v1.4.0}", files) == (
        Outcome.PASSED,
        "release v1.4.0 is published",
    )
    assert said("{release: latest, asset: '*.tar.gz'}", files) == (
        Outcome.PASSED,
        "release v1.4.0 has shop-1.4.0.tar.gz",
    )
    lacking = run("{release: v1.4.0, asset: '*.sig'}", files)
    assert (lacking.outcome, lacking.summary) == (
        Outcome.FAILED,
        "release v1.4.0 has no file *.sig",
    )
    assert "sbom.json" in lacking.details


def test_no_release_and_a_draft_are_failures() -> None:
    assert said("{release: v9}", release()) == (Outcome.FAILED, "there is no release v9")
    none = FakeInventory(releases={"latest": ReleaseAnswer(asked="latest")})
    assert said("{release: latest}", none) == (Outcome.FAILED, "no release is published")
    assert said("{release: v1.4.0}", release(draft=True)) == (
        Outcome.FAILED,
        "release v1.4.0 is a draft",
    )


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        (asset("a", uploaded=False), "", "the upload of a did not end"),
        (asset("a", 0), "", "a is empty"),
        (asset("a", 10), ", min-size: 1kB", "a has 10 bytes, at least 1000 are asked for"),
        (asset("a", digest=OTHER), f", digest: '{DIGEST}'", "a has the digest sha256:eeeeeeeeeeee"),
        (asset("a"), f", digest: '{DIGEST}'", "a has the digest that GitHub does not tell"),
    ],
)
def test_a_file_that_is_not_whole_is_not_there(file: ReleaseAsset, text: str, why: str) -> None:
    assert said(f"{{release: v1.4.0, asset: a{text}}}", release(file)) == (
        Outcome.FAILED,
        f"release v1.4.0: {why}",
    )


def test_one_good_file_of_several_will_do() -> None:
    files = release(asset("a.1", 0), asset("a.2", digest=DIGEST))
    text = f"{{release: v1.4.0, asset: 'a.*', digest: '{DIGEST}'}}"
    assert said(text, files) == (Outcome.PASSED, "release v1.4.0 has a.2")


def test_a_tag() -> None:
    tags = FakeInventory(tags={"v1": TagAnswer(tag="v1", object=HEAD), "v2": TagAnswer(tag="v2")})
    assert said("{tag: v1}", tags) == (Outcome.PASSED, "the tag v1 is at aaaaaaa")
    assert said("{tag: v2}", tags) == (Outcome.FAILED, "there is no tag v2")


def image(name: str, *tags: str, digest: str = DIGEST) -> FakeInventory:
    version = ImageVersion(digest=digest, tags=tags)
    return FakeInventory(images={name: ImageAnswer(image=name, version=version)})


def test_an_image_by_tag_and_by_digest() -> None:
    by_tag = image("acme/shop-api:1.4.0", "1.4.0", "latest")
    passed = (Outcome.PASSED, "acme/shop-api:1.4.0 is sha256:dddddddddddd")
    assert said("{image: 'acme/shop-api:1.4.0'}", by_tag) == passed
    assert said("{image: 'ghcr.io/acme/shop-api:1.4.0'}", by_tag) == passed
    by_digest = image(f"acme/shop-api@{DIGEST}")
    assert run(f"{{image: 'acme/shop-api@{DIGEST}'}}", by_digest).outcome is Outcome.PASSED


def test_a_tag_on_another_digest_is_a_failure() -> None:
    both = f"acme/shop/api:1.4.0@{DIGEST}"
    assert run(f"{{image: '{both}'}}", image(both, "1.4.0")).outcome is Outcome.PASSED
    assert said(f"{{image: '{both}'}}", image(both, "1.3.9")) == (
        Outcome.FAILED,
        "acme/shop/api: the tag 1.4.0 is not on sha256:dddddddddddd",
    )


def test_an_image_that_is_not_there_is_a_failure() -> None:
    none = FakeInventory(images={"acme/api:2": ImageAnswer(image="acme/api:2")})
    assert said("{image: 'acme/api:2'}", none) == (
        Outcome.FAILED,
        "acme/api has no version with the tag 2",
    )
    name = f"acme/api@{DIGEST}"
    none = FakeInventory(images={name: ImageAnswer(image=name)})
    assert said(f"{{image: '{name}'}}", none) == (
        Outcome.FAILED,
        "acme/api has no version sha256:dddddddddddd",
    )


def uploaded(
    *artifacts: WorkflowArtifact, state: str = "success", workflow: str = "build.yml"
) -> FakeInventory:
    one = DeliveredRun(
        id=7,
        workflow=f".github/workflows/{workflow}",
        event="pull_request",
        state=state,
        commit=HEAD,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        url="https://github.com/acme/shop/actions/runs/7",
        artifacts=artifacts,
    )
    runs = CommitRuns(commit=HEAD, workflow=workflow, runs=(one,))
    return FakeInventory(runs={(HEAD, workflow): runs, (HEAD, ""): runs})


SBOM = WorkflowArtifact(name="sbom", size=900)


def test_an_upload_of_the_judged_commit() -> None:
    assert said("{artifact: sbom}", uploaded(SBOM)) == (
        Outcome.PASSED,
        "sbom of aaaaaaa is there",
    )
    text = "{artifact: 'sb*', workflow: .github/workflows/build.yml}"
    assert run(text, uploaded(SBOM)).outcome is Outcome.PASSED


def test_an_upload_that_is_missing_or_gone_is_a_failure() -> None:
    lacking = run("{artifact: wheel}", uploaded(SBOM))
    assert (lacking.outcome, lacking.summary, lacking.details) == (
        Outcome.FAILED,
        "no run of any workflow on aaaaaaa uploaded wheel",
        "sbom",
    )
    expired = WorkflowArtifact(name="sbom", size=900, expired=True)
    assert said("{artifact: sbom}", uploaded(expired)) == (
        Outcome.FAILED,
        "sbom of aaaaaaa has expired",
    )
    assert said("{artifact: sbom, min-size: 1kB}", uploaded(SBOM)) == (
        Outcome.FAILED,
        "sbom of aaaaaaa has 900 bytes, at least 1000 are asked for",
    )
    assert run("{artifact: sbom}", uploaded(expired, SBOM)).outcome is Outcome.PASSED


@pytest.mark.parametrize("state", ["queued", "in_progress", "waiting", "requested", "pending"])
def test_a_named_workflow_that_still_runs_is_waited_for(state: str) -> None:
    result = run("{artifact: sbom, workflow: build.yml}", uploaded(state=state))
    assert (result.outcome, result.waiting_for) == (
        Outcome.PENDING,
        "the run of build.yml to end",
    )
    # Without a name the gate's own run would be waited for.
    assert run("{artifact: sbom}", uploaded(state=state)).outcome is Outcome.FAILED


def test_no_run_at_all_is_a_failure() -> None:
    none = FakeInventory(runs={(HEAD, "build.yml"): CommitRuns(commit=HEAD, workflow="build.yml")})
    result = run("{artifact: sbom, workflow: build.yml}", none)
    assert (result.outcome, result.summary) == (
        Outcome.FAILED,
        "no run of build.yml on aaaaaaa uploaded sbom",
    )


def test_what_cannot_be_read_is_no_answer() -> None:
    lost = FakeInventory(images={"acme/api:2": ForgeError("not visible")})
    with pytest.raises(ForgeError):
        run("{image: 'acme/api:2'}", lost)
    nowhere = run("{artifact: sbom}", FakeInventory(), head=None)
    assert (nowhere.outcome, nowhere.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)
    blind = CHECK.run(context(head_sha=HEAD), options(CHECK, "{tag: v1}"))
    assert blind.outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{tag: v1, release: v1}",
        "{asset: a}",
        "{tag: v1, asset: a}",
        "{tag: v1, workflow: a.yml}",
        f"{{tag: v1, digest: '{DIGEST}'}}",
        "{release: v1, min-size: 1kB}",
        "{image: acme/api}",
        "{image: 'docker.io/acme/api:1'}",
        "{image: 'api:1'}",
        "{image: 'acme/api@sha256:abc'}",
        "{artifact: a, workflow: build}",
        "{artifact: a, min-size: 0B}",
    ],
)
def test_options_that_assert_nothing_or_too_much_are_refused(text: str) -> None:
    assert refusal(CHECK, text)
