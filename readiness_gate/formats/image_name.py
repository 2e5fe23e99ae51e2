"""Names of container images, after the distribution project's grammar of references."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageName:
    """A name in its parts; tag and digest are empty where the name has none."""

    repository: str
    """With the registry where one is named."""
    tag: str
    digest: str

    @property
    def is_pinned(self) -> bool:
        """Whether it has a digest, or a tag other than `latest`."""
        return bool(self.digest) or self.tag not in {"", "latest"}


def image_name(text: str) -> ImageName:
    """Return the parts of `registry:5000/owner/name:tag@sha256:…`."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    short, _, tag = last.partition(":")
    return ImageName(f"{head}{slash}{short}", tag, digest)
