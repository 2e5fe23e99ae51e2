"""Releases and packages."""

from tests.github_double.repository import Repository
from tests.github_double.shapes.common import Json, Urls, node_id, user
from tests.github_double.shelf import Asset, ImageVersion, Release


def release(urls: Urls, home: Repository, item: Release) -> Json:
    """A release with its files."""
    api, page = f"{urls.repository(home)}/releases/{item.id}", urls.page(home)
    return {
        "id": item.id,
        "node_id": node_id("RE", item.id),
        "url": api,
        "assets_url": f"{api}/assets",
        "upload_url": f"{api}/assets{{?name,label}}",
        "html_url": f"{page}/releases/tag/{item.tag}",
        "tarball_url": f"{urls.repository(home)}/tarball/{item.tag}",
        "zipball_url": f"{urls.repository(home)}/zipball/{item.tag}",
        "tag_name": item.tag,
        "target_commitish": home.default_branch,
        "name": item.tag,
        "body": None,
        "draft": item.draft,
        "prerelease": item.prerelease,
        "immutable": False,
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "published_at": None if item.draft else item.created_at,
        "author": user(urls, item.author),
        "assets": [_asset(urls, home, item, one) for one in item.assets],
    }


def _asset(urls: Urls, home: Repository, of: Release, item: Asset) -> Json:
    return {
        "id": item.id,
        "node_id": node_id("RA", item.id),
        "url": f"{urls.repository(home)}/releases/assets/{item.id}",
        "browser_download_url": f"{urls.page(home)}/releases/download/{of.tag}/{item.name}",
        "name": item.name,
        "label": None,
        "state": "uploaded" if item.uploaded else "open",
        "content_type": "application/octet-stream",
        "size": item.size,
        "digest": item.digest,
        "download_count": 0,
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "uploader": user(urls, item.uploader),
    }


def image_version(urls: Urls, owner: str, package: str, item: ImageVersion) -> Json:
    """A version of a container package; its name is its digest."""
    place = f"orgs/{owner}/packages/container/{package}"
    return {
        "id": item.id,
        "name": item.digest,
        "url": f"{urls.api}/{place}/versions/{item.id}",
        "package_html_url": f"{urls.web}/{place}",
        "html_url": f"{urls.web}/{place}/{item.id}",
        "created_at": item.created_at,
        "updated_at": item.created_at,
        "metadata": {"package_type": "container", "container": {"tags": item.tags}},
    }
