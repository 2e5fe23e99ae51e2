"""What `image-build` does when it runs; what it promises stands beside its options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.failed_step import failed_step
from readiness_gate.checks.stack.image_build import ImageBuildOptions
from readiness_gate.formats.image_name import image_name
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed
from readiness_gate.stack.base import BuiltImage

STEP = "images"
_COLUMNS = ("service", "image", "how", "size", "of", "seconds")
_SLIM = "Use a slimmer base, a build stage, and a .dockerignore."
_QUICK = "Copy what changes rarely first, so that its layers stay; a .dockerignore helps."
_PIN = "Name a tag other than latest, or the digest, and let a bot raise it."


def run(context: CheckContext, options: ImageBuildOptions) -> CheckResult:
    """Report the step that builds and pulls."""
    step = context.steps.get(STEP)
    if step is None:
        return cannot_tell(ErrorClass.INTERNAL, "the images were not built")
    if not step.succeeded:
        return failed_step(step)
    if not step.images:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "the stack has no images")
    evidence = [_table(step.images)]
    doubt = _doubt(step.images, options)
    problems = list(_problems(step.images, options))
    if problems:
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        return failed(
            problems[0].text + more,
            details="\n".join(problem.text for problem in problems),
            evidence=evidence,
            remediation=problems[0].advice,
        )
    if doubt is not None:
        return cannot_tell(*doubt, evidence=evidence)
    built = sum(image.built for image in step.images)
    largest = max(image.size for image in step.images)
    return passed(
        f"{built} built, {len(step.images) - built} pulled or present; "
        f"the largest has {megabytes(largest)}",
        evidence=evidence,
    )


@dataclass(frozen=True)
class _Problem:
    text: str
    advice: str


def _problems(images: Sequence[BuiltImage], options: ImageBuildOptions) -> Iterator[_Problem]:
    for image in sorted(images, key=lambda image: -image.size):
        limit = options.sizes.get(image.service, options.max_size if image.built else None)
        if limit is not None and image.size > limit:
            said = f"{megabytes(image.size)}, more than {megabytes(limit)}"
            yield _Problem(f"{image.service}: the image has {said}", _SLIM)
        if options.max_time is not None and image.built and image.seconds > options.max_time:
            said = f"{image.seconds:.0f} s, more than {options.max_time:g} s"
            yield _Problem(f"{image.service}: building took {said}", _QUICK)
    if options.pinned is not None:
        for image in images:
            for name in _named(image):
                if "$" not in name and not _is_pinned(name, options.pinned):
                    said = f"{image.service}: {name} is not pinned by {options.pinned}"
                    yield _Problem(said, _PIN)


def _doubt(
    images: Sequence[BuiltImage], options: ImageBuildOptions
) -> tuple[ErrorClass, str] | None:
    """Return why what was asked for cannot be told, with the class of it."""
    known = {image.service for image in images}
    unknown = [name for name in options.sizes if name not in known]
    if unknown:
        names = ", ".join(sorted(known))
        return ErrorClass.CONFIGURATION, f"sizes: {unknown[0]} has no image of its own: {names}"
    built = [image for image in images if image.built]
    if not built and options.max_size is not None:
        return ErrorClass.INCONCLUSIVE, "max-size: the stack builds no image"
    if not built and options.max_time is not None:
        return ErrorClass.INCONCLUSIVE, "max-time: the stack builds no image"
    if options.pinned is not None:
        for image in built:
            if not image.bases:
                return ErrorClass.INCONCLUSIVE, f"{image.service}: its Dockerfile names no base"
            for name in image.bases:
                if "$" in name:
                    said = f"{image.service}: FROM {name} depends on an argument"
                    return ErrorClass.INCONCLUSIVE, said
    return None


def _named(image: BuiltImage) -> tuple[str, ...]:
    return image.bases if image.built else (image.name,)


def _is_pinned(name: str, by: Literal["tag", "digest"]) -> bool:
    found = image_name(name)
    return bool(found.digest) if by == "digest" else found.is_pinned


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
                image.measure,
                f"{image.seconds:.1f}",
            )
            for image in sorted(images, key=lambda image: image.service)
        ),
    )


def megabytes(size: int) -> str:
    """Return a size in decimal megabytes, as Docker shows it."""
    return f"{size / 1_000_000:.0f} MB"
