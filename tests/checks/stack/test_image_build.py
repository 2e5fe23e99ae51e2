import pytest
from pydantic import ValidationError

from readiness_gate.checks.context import StepRecord
from readiness_gate.checks.runs.image_build import run
from readiness_gate.checks.stack.image_build import CHECK, ImageBuildOptions
from readiness_gate.model.evidence import TableEvidence, TextEvidence
from readiness_gate.model.outcome import ErrorClass, Outcome
from readiness_gate.model.result import CheckResult
from readiness_gate.stack.base import BuiltImage
from tests.fakes.context import context

IMAGES = (
    BuiltImage("web", "rg-1-web", built=True, size=261_000_000, seconds=12.34),
    BuiltImage("db", "postgres:17", built=False, size=633_000_000, seconds=0.01),
)


def answer(step: StepRecord | None, **options: object) -> CheckResult:
    steps = {} if step is None else {"images": step}
    return run(context(steps=steps), ImageBuildOptions.model_validate(options))


def record(*images: BuiltImage, succeeded: bool = True, **more: object) -> StepRecord:
    return StepRecord("images", succeeded, "2 images", images=images, **more)  # type: ignore[arg-type]


def test_names_sizes_and_seconds_are_reported() -> None:
    result = answer(record(*IMAGES))
    assert result.outcome is Outcome.PASSED
    assert result.summary == "1 built, 1 pulled or present; the largest has 633 MB"
    (table,) = result.evidence
    assert isinstance(table, TableEvidence)
    assert table.rows == (
        ("db", "postgres:17", "pulled or present", "633 MB", "unpacked layers", "0.0"),
        ("web", "rg-1-web", "built", "261 MB", "unpacked layers", "12.3"),
    )


def test_a_failing_step_is_the_author_s_with_its_output() -> None:
    failure = StepRecord(
        "images", False, "building web: Dockerfile line 5 failed", log="npm ERR! missing script"
    )
    result = answer(failure)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "building web: Dockerfile line 5 failed"
    assert result.evidence == (TextEvidence(title="Output", text="npm ERR! missing script"),)


def test_a_registry_at_fault_is_an_error_and_not_the_author_s() -> None:
    result = answer(record(succeeded=False, infrastructure=True))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.INFRASTRUCTURE)


def test_a_wrong_configuration_is_told_as_such() -> None:
    result = answer(record(succeeded=False, configuration=True))
    assert (result.outcome, result.error_class) == (Outcome.ERROR, ErrorClass.CONFIGURATION)


@pytest.mark.parametrize(("platform", "wrong"), [(False, False), (True, False), (False, True)])
def test_what_the_error_advises_is_said(platform: bool, wrong: bool) -> None:
    step = StepRecord(
        "images", False, "s", infrastructure=platform, configuration=wrong, advice="Set A."
    )
    assert answer(step).remediation == "Set A."


def test_without_the_step_or_without_images_it_is_never_passed() -> None:
    assert answer(None).error_class is ErrorClass.INTERNAL
    assert answer(record()).error_class is ErrorClass.INCONCLUSIVE


def test_a_built_image_over_the_size_fails_and_a_pulled_one_does_not() -> None:
    assert answer(record(*IMAGES), **{"max-size": "300MB"}).outcome is Outcome.PASSED
    result = answer(record(*IMAGES), **{"max-size": "260MB"})
    assert result.outcome is Outcome.FAILED
    assert result.summary == "web: the image has 261 MB, more than 260 MB"


def test_a_size_for_images_that_nobody_builds_asserts_nothing() -> None:
    result = answer(record(IMAGES[1]), **{"max-size": "1MB"})
    assert result.error_class is ErrorClass.INCONCLUSIVE


@pytest.mark.parametrize("size", ["huge", "0B", "-1MB", 1.5, True])
def test_a_size_that_is_none_is_refused(size: object) -> None:
    with pytest.raises(ValidationError):
        ImageBuildOptions.model_validate({"max-size": size})


def test_a_budget_by_service_wins_and_counts_for_pulled_images_too() -> None:
    sizes = {"web": "262MB", "db": "600MB"}
    result = answer(record(*IMAGES), sizes=sizes, **{"max-size": "1MB"})
    assert result.outcome is Outcome.FAILED
    assert result.summary == "db: the image has 633 MB, more than 600 MB"
    unknown = answer(record(*IMAGES), sizes={"worker": "1GB"})
    assert unknown.error_class is ErrorClass.CONFIGURATION
    assert unknown.summary == "sizes: worker has no image of its own: db, web"


def test_a_build_that_takes_too_long_fails() -> None:
    assert answer(record(*IMAGES), **{"max-time": "13s"}).outcome is Outcome.PASSED
    result = answer(record(*IMAGES), **{"max-time": "10s"})
    assert result.summary == "web: building took 12 s, more than 10 s"
    pulled = answer(record(IMAGES[1]), **{"max-time": "1s"})
    assert pulled.error_class is ErrorClass.INCONCLUSIVE


def based_on(*bases: str) -> BuiltImage:
    return BuiltImage("web", "rg-1-web", built=True, size=1, seconds=1.0, bases=bases)


@pytest.mark.parametrize(
    ("base", "by_tag", "by_digest"),
    [
        ("python:3.13-slim", True, False),
        ("python", False, False),
        ("python:latest", False, False),
        ("registry:5000/python", False, False),
        (f"python@sha256:{'a' * 64}", True, True),
        (f"python:3.13@sha256:{'a' * 64}", True, True),
    ],
)
def test_bases_are_pinned_by_tag_or_by_digest(base: str, by_tag: bool, by_digest: bool) -> None:
    for pinned, holds in (("tag", by_tag), ("digest", by_digest)):
        result = answer(record(based_on("debian:13", base)), pinned=pinned)
        if pinned == "tag":
            assert result.outcome is (Outcome.PASSED if holds else Outcome.FAILED)
        said = f"web: {base} is not pinned by {pinned}"
        assert (said in result.details) is not holds


def test_pulled_images_are_judged_by_their_own_name() -> None:
    pulled = BuiltImage("cache", "redis", built=False, size=1, seconds=0.0)
    result = answer(record(pulled), pinned="tag")
    assert result.summary == "cache: redis is not pinned by tag"


@pytest.mark.parametrize("bases", [(), ("python:${TAG}",)])
def test_a_base_that_is_not_known_is_no_pass(bases: tuple[str, ...]) -> None:
    result = answer(record(based_on(*bases)), pinned="tag")
    assert result.error_class is ErrorClass.INCONCLUSIVE


def test_the_id_is_the_file_s_name() -> None:
    assert CHECK.id == "image-build"
