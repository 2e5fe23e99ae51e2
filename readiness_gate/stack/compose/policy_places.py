"""Which files and volumes of the machine a compose project may touch: those of the checkout."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from readiness_gate.stack.compose.files import Refusal

_SOCKETS = frozenset({"docker.sock", "containerd.sock", "podman.sock", "crio.sock"})
_MOUNT_KEYS = frozenset({"type", "source", "target", "read_only", "bind", "volume", "tmpfs"})
_MOUNT_KEYS |= {"consistency"}
_BIND_KEYS = frozenset({"create_host_path", "propagation", "selinux"})
_CONTAINED_PROPAGATION = frozenset({"", "private", "rprivate", "slave", "rslave"})
_VOLUME_KEYS = frozenset({"name", "driver", "driver_opts", "labels", "external"})
_SECRET_KEYS = frozenset({"name", "file", "environment", "content", "labels", "external"})


@dataclass(frozen=True)
class PathRule:
    """Judges paths of the normalised model, which are absolute."""

    root: Path
    """The workspace, links resolved."""
    project_directory: Path
    """Where the model's paths start."""

    def is_inside(self, path: str) -> bool:
        """Return whether a path, with every link on its way followed, stays in the workspace."""
        real = (self.project_directory / path).resolve()
        return real == self.root or real.is_relative_to(self.root)

    def mounts(self, where: str, mounts: Any) -> Iterator[Refusal]:
        """Yield what is wrong with the `volumes` of a service."""
        for number, mount in enumerate(mounts):
            yield from self._mount(f"{where}[{number}]", mount)

    def file(self, where: str, path: str, allow: str) -> Iterator[Refusal]:
        """Yield a refusal where a file is not in the checkout."""
        if not self.is_inside(path):
            yield Refusal(where, f"{path} is outside the checkout", allow)

    def _mount(self, where: str, mount: Mapping[str, Any]) -> Iterator[Refusal]:
        kind, source = str(mount.get("type", "")), str(mount.get("source") or "")
        for key in mount:
            if key not in _MOUNT_KEYS and not key.startswith("x-"):
                yield Refusal(f"{where}.{key}", "the gate does not know this key", "mount-options")
        if kind == "bind":
            yield from self._bind(where, source, mount.get("bind") or {})
        elif kind not in {"volume", "tmpfs"}:
            yield Refusal(
                f"{where}.type", f"{kind!r} is no mount that the gate knows", "mount-type"
            )

    def _bind(self, where: str, source: str, options: Mapping[str, Any]) -> Iterator[Refusal]:
        if PurePosixPath(source).name in _SOCKETS:
            yield Refusal(f"{where}.source", f"{source} is the engine's socket", "docker-socket")
        elif not self.is_inside(source):
            yield Refusal(f"{where}.source", f"{source} is outside the checkout", "bind-outside")
        elif PurePosixPath(source).suffix and not Path(source).exists():
            # The engine would make an empty folder of that name, and the service start without it.
            yield Refusal(f"{where}.source", f"{source} does not exist", "missing-bind-source")
        for key in options:
            if key not in _BIND_KEYS:
                yield Refusal(
                    f"{where}.bind.{key}", "the gate does not know this key", "mount-options"
                )
        if str(options.get("propagation") or "") not in _CONTAINED_PROPAGATION:
            yield Refusal(
                f"{where}.bind.propagation", "mounts back into the machine", "propagation"
            )


def volume_refusals(data: Mapping[str, Any], paths: PathRule) -> Iterator[Refusal]:
    """Yield what is wrong with the top-level `volumes`, `secrets` and `configs`."""
    for name, body in (data.get("volumes") or {}).items():
        yield from _volume(f"volumes.{name}", body or {})
    for kind in ("secrets", "configs"):
        for name, body in (data.get(kind) or {}).items():
            yield from _secret(f"{kind}.{name}", body or {}, paths)


def _volume(where: str, body: Mapping[str, Any]) -> Iterator[Refusal]:
    if body.get("external"):
        yield Refusal(f"{where}.external", "belongs to another project", "external-volume")
    if (body.get("driver") or "local") != "local":
        yield Refusal(f"{where}.driver", f"{body['driver']!r} is not local", "volume-driver")
    options = body.get("driver_opts") or {}
    # `type: none, o: bind, device: /` is a bind mount in disguise.
    if options and str(options.get("type")) != "tmpfs":
        yield Refusal(f"{where}.driver_opts", "can mount any device or folder", "driver-opts")
    for key in body:
        if key not in _VOLUME_KEYS and not key.startswith("x-"):
            yield Refusal(f"{where}.{key}", "the gate does not know this key", "volume-options")


def _secret(where: str, body: Mapping[str, Any], paths: PathRule) -> Iterator[Refusal]:
    if body.get("external"):
        yield Refusal(f"{where}.external", "belongs to another project", "external-secret")
    if body.get("file"):
        yield from paths.file(f"{where}.file", str(body["file"]), "file-outside")
    for key in body:
        if key not in _SECRET_KEYS and not key.startswith("x-"):
            yield Refusal(f"{where}.{key}", "the gate does not know this key", "secret-options")
