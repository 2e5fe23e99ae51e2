"""Branches, files and trees of one repository at GitHub."""

import base64
import binascii
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from readiness_gate.errors import ForgeError
from readiness_gate.forge import archive
from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.rest import Fields
from readiness_gate.forge.retry import Answer


class Files:
    """Reads through a client; needs the permission `contents: read`."""

    def __init__(self, client: Client, repository: str, *, user_agent: str, api_url: str) -> None:
        """Read from `repository`; archives are fetched under `user_agent` and the API's scheme."""
        self._client = client
        self._repository = repository
        self._user_agent = user_agent
        self._api_url = api_url
        self._default_branch: str | None = None
        self._known_commits: set[str] = set()

    def default_branch(self) -> str:
        """Return the name of the default branch; asked for once."""
        if self._default_branch is None:
            self._default_branch = self._get("").text("default_branch")
        return self._default_branch

    def known_default_branch(self, name: str | None) -> None:
        """Take note of what another answer said of the default branch."""
        self._default_branch = self._default_branch or name

    def branch_tip(self, branch: str) -> str:
        """Return the commit SHA at the tip of a branch, read now."""
        return self._get(f"/git/ref/heads/{quote(branch)}").fields("object").text("sha")

    def file(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit; `None` only if the commit is there without it.

        Raises:
            ForgeError: the path is a folder or a submodule, or the commit cannot be seen.
        """
        request = replace(self._request(f"/contents/{quote(path)}"), parameters={"ref": commit})
        answer = self._client.send(replace(request, accept=frozenset({404})))
        if answer.status == 404:
            self._make_sure_of(commit)
            return None
        return self._content(answer, path)

    def export(self, commit: str, directory: Path) -> None:
        """Write the whole tree of a commit below `directory`, links and devices left out."""
        request = self._request(f"/tarball/{quote(commit)}")
        answer = self._client.send(replace(request, accept=frozenset({302})))
        location = answer.headers.get("location", "")
        with archive.temporary() as packed:
            archive.fetch(location, packed, user_agent=self._user_agent, api_url=self._api_url)
            packed.seek(0)
            archive.unpack(packed, directory)

    def _request(self, path: str) -> Request:
        return Request("GET", f"/repos/{self._repository}{path}", "contents: read")

    def _get(self, path: str) -> Fields:
        request = self._request(path)
        return Fields(self._client.send(request).data, str(request))

    def _content(self, answer: Answer, path: str) -> bytes:
        if isinstance(answer.data, list):
            raise ForgeError(f"{path} is a folder")
        fields = Fields(answer.data, path)
        if fields.text("type") != "file":
            raise ForgeError(f"{path} is a {fields.text('type')}, not a file")
        if fields.text("encoding") == "none":  # over a megabyte
            fields = self._get(f"/git/blobs/{fields.text('sha')}")
        try:
            return base64.b64decode(fields.text("content"))
        except binascii.Error as error:
            raise ForgeError(f"GitHub's answer for {path} is not base64") from error

    def _make_sure_of(self, commit: str) -> None:
        # GitHub answers 404 for a file that is absent and for all that a token cannot see.
        if commit not in self._known_commits:
            self._get(f"/git/commits/{quote(commit)}")
            self._known_commits.add(commit)
