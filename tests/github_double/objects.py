"""Git's own objects, so that every SHA is the one git would compute for the same content."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

Files = Mapping[str, bytes]


class Executable(bytes):
    """The content of a file that may be run."""


class SymbolicLink(bytes):
    """The target of a symbolic link."""


@dataclass(frozen=True)
class Commit:
    """One commit: its whole tree as path to content, its parents, who and when."""

    sha: str
    tree_sha: str
    files: Files
    parents: tuple[str, ...]
    message: str
    author: str
    date: str


def object_sha(kind: str, content: bytes) -> str:
    """The SHA-1 git gives an object of this kind: 40 hexadecimal digits."""
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()


def blob_sha(content: bytes) -> str:
    """The SHA of a file's content."""
    return object_sha("blob", content)


def mode(content: bytes | None) -> str:
    """The mode of an entry as git writes it in a tree; None is a directory."""
    match content:
        case None:
            return "40000"
        case Executable():
            return "100755"
        case SymbolicLink():
            return "120000"
        case _:
            return "100644"


def children(files: Files, directory: str = "") -> dict[str, bytes | None]:
    """The entries of a directory: name to content, None for a directory of its own."""
    prefix = f"{directory}/" if directory else ""
    entries: dict[str, bytes | None] = {}
    for path, content in files.items():
        if path.startswith(prefix):
            name, slash, _ = path.removeprefix(prefix).partition("/")
            entries[name] = None if slash else content
    return entries


def tree_sha(files: Files, directory: str = "") -> str:
    """The SHA of a directory's tree."""
    rows: list[tuple[str, bytes]] = []
    for name, content in children(files, directory).items():
        path = f"{directory}/{name}" if directory else name
        sha = tree_sha(files, path) if content is None else blob_sha(content)
        order = f"{name}/" if content is None else name
        rows.append((order, f"{mode(content)} {name}\0".encode() + bytes.fromhex(sha)))
    return object_sha("tree", b"".join(row for _, row in sorted(rows)))


class Objects:
    """The commits of a repository and of all its forks: reachable from each other, as on GitHub."""

    def __init__(self) -> None:
        self._commits: dict[str, Commit] = {}

    def write(
        self, files: Files, *, parents: tuple[str, ...], message: str, author: str, date: str
    ) -> Commit:
        """A new commit, its SHA computed from its content."""
        tree = tree_sha(files)
        seconds = int(datetime.fromisoformat(date).timestamp())
        who = f"{author} <{author}@users.noreply.example> {seconds} +0000"
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        text = "\n".join([*lines, f"author {who}", f"committer {who}", "", message])
        commit = Commit(
            object_sha("commit", text.encode()), tree, dict(files), parents, message, author, date
        )
        return self.add(commit)

    def add(self, commit: Commit) -> Commit:
        """Keeps a commit under the SHA it already has (one that git made)."""
        return self._commits.setdefault(commit.sha, commit)

    def get(self, sha: str) -> Commit | None:
        """The commit of a full SHA, or of an abbreviation of at least 7 digits."""
        found = self._commits.get(sha)
        if found is None and 7 <= len(sha) < 40:
            matches = [commit for full, commit in self._commits.items() if full.startswith(sha)]
            found = matches[0] if len(matches) == 1 else None
        return found

    def __contains__(self, sha: object) -> bool:
        return sha in self._commits

    def __getitem__(self, sha: str) -> Commit:
        return self._commits[sha]

    def __iter__(self) -> Iterator[Commit]:
        return iter(self._commits.values())

    def history(self, sha: str) -> list[Commit]:
        """The commit and its ancestors, newest first."""
        seen: dict[str, Commit] = {}
        waiting = [sha]
        while waiting:
            commit = self._commits[waiting.pop(0)]
            if commit.sha not in seen:
                seen[commit.sha] = commit
                waiting.extend(commit.parents)
        return list(seen.values())

    def blame(self, sha: str, path: str) -> list[str]:
        """The SHA of the commit that last changed each line of a file."""
        commit = self._commits[sha]
        mine = commit.files[path].splitlines()
        origins = [sha] * len(mine)
        for parent in commit.parents:
            before = self._commits[parent].files.get(path)
            if before is None:
                continue
            theirs = self.blame(parent, path)
            for old, new, size in SequenceMatcher(
                a=before.splitlines(), b=mine, autojunk=False
            ).get_matching_blocks():
                for at in range(size):
                    if origins[new + at] == sha:
                        origins[new + at] = theirs[old + at]
        return origins

    def ahead(self, base: str, head: str) -> list[Commit]:
        """The commits reachable from `head` and not from `base`, oldest first."""
        known = {commit.sha for commit in self.history(base)}
        return [commit for commit in reversed(self.history(head)) if commit.sha not in known]

    def merge_base(self, first: str, second: str) -> Commit | None:
        """The nearest common ancestor, None for unrelated histories."""
        known = {commit.sha for commit in self.history(first)}
        return next((commit for commit in self.history(second) if commit.sha in known), None)

    def merged_files(self, ours: str, theirs: str) -> Files | None:
        """The three-way merge of two commits, file by file; None on a conflict."""
        ancestor = self.merge_base(ours, theirs)
        base = ancestor.files if ancestor else {}
        left, right = self[ours].files, self[theirs].files
        merged: dict[str, bytes] = {}
        for path in sorted({*left, *right}):
            before, mine, other = base.get(path), left.get(path), right.get(path)
            if mine not in (other, before) and other != before:
                return None
            content = other if mine == before else mine
            if content is not None:
                merged[path] = content
        return merged


def changes(before: Files, after: Files) -> dict[str, str]:
    """Changed paths to what happened to them: added, removed or modified."""
    states: dict[str, str] = {}
    for path in sorted({*before, *after}):
        if path not in before:
            states[path] = "added"
        elif path not in after:
            states[path] = "removed"
        elif before[path] != after[path]:
            states[path] = "modified"
    return states
