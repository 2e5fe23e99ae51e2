"""`image-build`: every image of the stack was built or pulled, and none is larger than allowed.

The size is the engine's own: the sum of the unpacked layers on its classic store (notes on
stacks 2.7).
"""

from typing import Annotated

from pydantic import Field

from readiness_gate.checks.base import Check, CheckContext, CheckOptions, StepRecord
from readiness_gate.config.values import Size
from readiness_gate.model.evidence import Evidence, TableEvidence, TextEvidence
from readiness_gate.model.outcome import CheckClass, ErrorClass, Family, Need
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import BuiltImage

STEP = "images"
_COLUMNS = ("service", "image", "how", "size", "seconds")


class ImageBuildOptions(CheckOptions):
    """How large an image may be."""

    max_size: Annotated[Size, Field(gt=0)] | None = Field(
        default=None, description="Largest size of an image that the stack builds, such as 500MB."
    )


def run(context: CheckContext, options: ImageBuildOptions) -> CheckResult:
    """Report the step that builds and pulls."""
    step = context.steps.get(STEP)
    if step is None:
        return cannot_tell(ErrorClass.INTERNAL, "the images were not built")
    if not step.succeeded:
        return _not_built(step)
    if not step.images:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "the stack has no images")
    built = [image for image in step.images if image.built]
    evidence = [_table(step.images)]
    if options.max_size is not None:
        if not built:
            return cannot_tell(
                ErrorClass.INCONCLUSIVE, "max-size: the stack builds no image", evidence=evidence
            )
        large = [image for image in built if image.size > options.max_size]
        if large:
            worst = max(large, key=lambda image: image.size)
            return failed(
                f"{worst.service}: the image has {megabytes(worst.size)}, "
                f"more than {megabytes(options.max_size)}",
                evidence=evidence,
                remediation="Use a slimmer base, a build stage, and a .dockerignore.",
            )
    largest = max(image.size for image in step.images)
    return passed(
        f"{len(built)} built, {len(step.images) - len(built)} pulled or present; "
        f"the largest has {megabytes(largest)}",
        evidence=evidence,
    )


def _not_built(step: StepRecord) -> CheckResult:
    log: list[Evidence] = [TextEvidence(title="Output", text=step.log)] if step.log else []
    if step.infrastructure:
        return cannot_tell(
            ErrorClass.INFRASTRUCTURE,
            step.summary,
            evidence=log,
            remediation=step.advice
            or "Not the pull request's fault: re-run once the platform is well.",
        )
    advice = step.advice or None
    if step.configuration:
        return cannot_tell(ErrorClass.CONFIGURATION, step.summary, evidence=log, remediation=advice)
    return failed(step.summary, evidence=log, remediation=advice)


def _table(images: tuple[BuiltImage, ...]) -> TableEvidence:
    return TableEvidence(
        title="Images",
        columns=_COLUMNS,
        rows=tuple(
            (
                image.service,
                image.name,
                "built" if image.built else "pulled or present",
                megabytes(image.size),
                f"{image.seconds:.1f}",
            )
            for image in sorted(images, key=lambda image: image.service)
        ),
    )


def megabytes(size: int) -> str:
    """Return a size in decimal megabytes, as Docker shows it."""
    return f"{size / 1_000_000:.0f} MB"


CHECK = Check(
    id="image-build",
    title="The images of the stack build",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.IMAGES}),
    options=ImageBuildOptions,
    run=run,
    remediation="Run docker compose build, and repair the step of the Dockerfile that fails.",
)
