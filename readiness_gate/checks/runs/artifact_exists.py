"""What `artifact-exists` does when it runs; what it promises stands beside its options."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from readiness_gate.checks.context import CheckContext
from readiness_gate.checks.merge.artifact_exists import ArtifactExistsOptions
from readiness_gate.forge.base import Inventory
from readiness_gate.formats.image_name import image_name
from readiness_gate.model.delivery import DeliveredRun, Release, WorkflowArtifact
from readiness_gate.model.evidence import TableEvidence
from readiness_gate.model.outcome import ErrorClass
from readiness_gate.model.result import CheckResult, cannot_tell, failed, passed, pending

_GOING = frozenset({"queued", "in_progress", "waiting", "requested", "pending"})
_SHOWN = 20
_REGISTRY = "ghcr.io/"


def run(context: CheckContext, options: ArtifactExistsOptions) -> CheckResult:
    """Ask GitHub for the one thing that is named."""
    if context.github is None:
        return cannot_tell(ErrorClass.INCONCLUSIVE, "there is no GitHub to ask")
    inventory = context.github.inventory
    if options.release is not None:
        return _release(options.release, options, inventory)
    if options.tag is not None:
        return _tag(options.tag, inventory)
    if options.image is not None:
        return _image(options.image.removeprefix(_REGISTRY), inventory)
    return _artifact(options.artifact or "", options, context, inventory)


def _release(tag: str, options: ArtifactExistsOptions, inventory: Inventory) -> CheckResult:
    release = inventory.release(tag).release
    if release is None:
        missing = "no release is published" if tag == "latest" else f"there is no release {tag}"
        return failed(missing, remediation="Publish the release.")
    name = f"release {release.tag}"
    if release.draft:
        return failed(f"{name} is a draft", remediation="Publish the release.")
    if options.asset is None:
        return passed(f"{name} is published")
    return _asset(name, release, options.asset, options)


def _asset(
    name: str, release: Release, pattern: str, options: ArtifactExistsOptions
) -> CheckResult:
    named = [one for one in release.assets if fnmatchcase(one.name, pattern)]
    if not named:
        return failed(
            f"{name} has no file {pattern}",
            details="\n".join(one.name for one in release.assets[:_SHOWN]),
            remediation="Upload the file to the release.",
        )
    whole = [one for one in named if one.uploaded]
    if not whole:
        return failed(
            f"{name}: the upload of {named[0].name} did not end",
            remediation="Delete the file from the release and upload it again.",
        )
    reasons = [(one.name, _objection(one.size, one.digest, options)) for one in whole]
    good = [file for file, reason in reasons if reason is None]
    if not good:
        return failed(f"{name}: {reasons[0][0]} {reasons[0][1]}")
    return passed(f"{name} has {_names(good)}")


def _tag(name: str, inventory: Inventory) -> CheckResult:
    found = inventory.tag(name).object
    if found is None:
        return failed(f"there is no tag {name}", remediation="Push the tag.")
    return passed(f"the tag {name} is at {found[:7]}")


def _image(image: str, inventory: Inventory) -> CheckResult:
    name = image_name(image)
    version = inventory.image(image).version
    if version is None:
        wanted = name.digest or f"tag {name.tag}"
        return failed(
            f"{name.repository} has no version with the {wanted}"
            if not name.digest
            else f"{name.repository} has no version {wanted[:19]}",
            remediation="Push the image.",
        )
    if name.digest and name.tag and name.tag not in version.tags:
        return failed(
            f"{name.repository}: the tag {name.tag} is not on {name.digest[:19]}",
            details=", ".join(version.tags),
            remediation="Push the tag for that digest, or correct the digest.",
        )
    return passed(f"{image.partition('@')[0]} is {version.digest[:19]}")


def _artifact(
    name: str, options: ArtifactExistsOptions, context: CheckContext, inventory: Inventory
) -> CheckResult:
    commit = context.head_sha
    if commit is None:
        return cannot_tell(ErrorClass.CONFIGURATION, "no commit is judged here")
    workflow = (options.workflow or "").removeprefix(".github/workflows/")
    runs = inventory.commit_runs(commit, workflow).runs
    found = [(run, one) for run in runs for one in run.artifacts if fnmatchcase(one.name, name)]
    objections = [(run, one, _upload_objection(one, options)) for run, one in found]
    good = [one.name for _, one, reason in objections if reason is None]
    evidence = (_table(found),) if found else ()
    if good:
        return passed(f"{_names(good)} of {commit[:7]} is there", evidence=evidence)
    going = next((run for run in runs if run.state in _GOING), None)
    if workflow and going is not None:
        return pending(
            f"{name} of {commit[:7]} is not uploaded yet: {workflow} is "
            f"{going.state.replace('_', ' ')}",
            waiting_for=f"the run of {workflow} to end",
            evidence=evidence,
            remediation="Once it ended, ask for a recheck.",
        )
    if objections:
        _, one, reason = objections[0]
        return failed(
            f"{one.name} of {commit[:7]} {reason}",
            evidence=evidence,
            remediation="Run the workflow again.",
        )
    of = workflow or "any workflow"
    return failed(
        f"no run of {of} on {commit[:7]} uploaded {name}",
        details="\n".join(sorted({one.name for run in runs for one in run.artifacts})[:_SHOWN]),
        remediation="Upload it in a workflow that runs on this commit.",
    )


def _upload_objection(one: WorkflowArtifact, options: ArtifactExistsOptions) -> str | None:
    return "has expired" if one.expired else _objection(one.size, one.digest, options)


def _objection(size: int, digest: str, options: ArtifactExistsOptions) -> str | None:
    if size <= 0:
        return "is empty"
    if options.min_size is not None and size < options.min_size:
        return f"has {size} bytes, at least {options.min_size} are asked for"
    if options.digest is not None and digest != options.digest:
        return f"has the digest {digest[:19] or 'that GitHub does not tell'}"
    return None


def _table(found: Sequence[tuple[DeliveredRun, WorkflowArtifact]]) -> TableEvidence:
    return TableEvidence(
        title="Uploads",
        columns=("name", "bytes", "expired", "run"),
        rows=tuple(
            (one.name, str(one.size), "yes" if one.expired else "no", run.url)
            for run, one in found[:_SHOWN]
        ),
        omitted=max(0, len(found) - _SHOWN),
    )


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"
