"""What is published: releases with their files, and container packages of an owner."""

from dataclasses import dataclass, field

from tests.github_double.people import User


@dataclass
class Asset:
    """One file of a release; `open` while its upload has not ended."""

    id: int
    name: str
    size: int
    uploader: User
    created_at: str
    uploaded: bool = True
    digest: str | None = None


@dataclass
class Release:
    """A release; a draft is seen only by who may push, and not under its tag."""

    id: int
    tag: str
    author: User
    created_at: str
    draft: bool = False
    prerelease: bool = False
    assets: list[Asset] = field(default_factory=list)


@dataclass
class ImageVersion:
    """One version of a container package: a digest, and the tags that point to it."""

    id: int
    digest: str
    tags: list[str]
    created_at: str
