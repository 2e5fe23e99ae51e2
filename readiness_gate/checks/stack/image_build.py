"""`image-build`: every image of the stack was built or pulled, and is as it may be.

The size is the sum of the unpacked layers, which is the same whatever store the engine keeps
images in; where an engine does not tell its layers, the table says what was measured instead
(notes on stacks 2.7).
"""

from typing import Annotated, Literal

from pydantic import Field

from readiness_gate.checks.base import Check, CheckOptions
from readiness_gate.config.values import Duration, Name, Size
from readiness_gate.model.outcome import CheckClass, Family, Need


class ImageBuildOptions(CheckOptions):
    """How large an image may be, how long it may take, and how its bases are named."""

    max_size: Annotated[Size, Field(gt=0)] | None = Field(
        default=None, description="Largest size of an image that the stack builds, such as 500MB."
    )
    sizes: dict[Name, Annotated[Size, Field(gt=0)]] = Field(
        default_factory=dict,
        description="Largest size by service, which wins over max-size; also for images that are "
        "pulled.",
    )
    max_time: Annotated[Duration, Field(gt=0)] | None = Field(
        default=None, description="Longest time that building one image may take, such as 5m."
    )
    pinned: Literal["tag", "digest"] | None = Field(
        default=None,
        description="How images have to be named that the stack pulls or builds upon: by a tag "
        "other than latest, or by digest.",
    )


CHECK = Check(
    id="image-build",
    title="The images of the stack build",
    family=Family.STACK,
    check_class=CheckClass.READ,
    needs=frozenset({Need.IMAGES}),
    options=ImageBuildOptions,
    remediation="Run docker compose build, and repair the step of the Dockerfile that fails.",
)
