"""`artifact-exists`: something that was built is there to be delivered.

A file of a release, a git tag, an image in GitHub's container registry, or an upload of a workflow
run of the judged commit. Read through GitHub's API alone: nothing is downloaded. An upload that has
expired, or belongs to another commit, is not there; half an upload is none.
"""

from typing import Self

from pydantic import Field, model_validator

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import REPOSITORY, Size, Text
from readiness_gate.model.outcome import CheckClass, Family, Need

_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"sha256:[0-9a-f]{64}"


class ArtifactExistsOptions(CheckOptions):
    """What has to be there: exactly one of `release`, `tag`, `image`, `artifact`."""

    release: Text | None = Field(
        default=None, description="Tag of a published release, or `latest`."
    )
    asset: Text | None = Field(
        default=None, description="Name of a file of the release; `*` stands for anything."
    )
    tag: Text | None = Field(default=None, description="Name of a git tag.")
    image: str | None = Field(
        default=None,
        pattern=rf"^(ghcr\.io/)?{REPOSITORY}(/[a-z0-9_.-]+)*(:{_TAG}|@{_DIGEST}|:{_TAG}@{_DIGEST})$",
        description="Image in GitHub's registry with its tag, its digest or both: "
        "acme/shop-api:1.4.0.",
    )
    artifact: Text | None = Field(
        default=None,
        description="Name of an upload by a workflow run of the judged commit; `*` stands for "
        "anything.",
    )
    workflow: str | None = Field(
        default=None,
        pattern=r"^(\.github/workflows/)?[A-Za-z0-9_.-]+\.ya?ml$",
        description="File of the workflow that uploads the artifact; then a run that is still "
        "going is waited for.",
    )
    digest: str | None = Field(
        default=None,
        pattern=f"^{_DIGEST}$",
        description="Digest of the one file or upload, as GitHub tells it.",
    )
    min_size: Size | None = Field(
        default=None, gt=0, description="Size that the file or upload has at least, such as 1kB."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [self.release, self.tag, self.image, self.artifact]
        if sum(one is not None for one in given) != 1:
            raise ValueError("give exactly one of release, tag, image, artifact")
        if self.asset is not None and self.release is None:
            raise ValueError("`asset` is a file of a `release`")
        if self.workflow is not None and self.artifact is None:
            raise ValueError("`workflow` belongs to an `artifact`")
        sized = self.asset is not None or self.artifact is not None
        if (self.digest or self.min_size) and not sized:
            raise ValueError("`digest` and `min-size` are about an `asset` or an `artifact`")
        return self


CHECK = Check(
    id="artifact-exists",
    title="What was built is there",
    family=Family.MERGE,
    check_class=CheckClass.READ,
    needs=frozenset({Need.GITHUB}),
    options=ArtifactExistsOptions,
    remediation="Build it and publish it.",
    example={"artifact": "sbom", "workflow": "build.yml", "min-size": "1kB"},
)
