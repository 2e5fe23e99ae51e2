from pathlib import Path
from typing import Any

import pytest

from readiness_gate.errors import StackError
from readiness_gate.stack.compose.host_path import linked_workspace
from readiness_gate.stack.compose.own_container import (
    OwnContainer,
    container_id,
    find_own_container,
    host_path,
)
from tests.stack.compose.fake_engine import InMemoryEngine

ID, JOB = "a" * 64, "b" * 64


def mountinfo(container: str) -> str:
    folder = f"/var/lib/docker/containers/{container}"
    return (
        "694 643 0:52 / / rw - overlay overlay rw,lowerdir=/x,upperdir=/y\n"
        f"706 694 254:0 {folder}/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda rw\n"
        f"707 694 254:0 {folder}/hostname /etc/hostname rw - ext4 /dev/vda rw\n"
    )


def engine(mode: str = "default", *mounts: dict[str, str]) -> InMemoryEngine:
    found = InMemoryEngine()
    networks: dict[str, Any] = {"Networks": {"bridge": {}}}
    found.add(
        "containers", ID, {}, HostConfig={"NetworkMode": mode}, Mounts=list(mounts),
        NetworkSettings=networks,
    )  # fmt: skip
    return found


def own(*mounts: dict[str, Any]) -> OwnContainer:
    return OwnContainer(ID, mounts, "default", ("bridge",))


def test_the_id_is_read_from_what_the_engine_mounts() -> None:
    assert container_id(mountinfo(ID)) == ID


def test_on_the_engine_s_machine_the_same_folders_tell_nothing() -> None:
    host = f"31 1 0:1 / /var/lib/docker/containers/{ID}/mounts/shm rw - tmpfs shm rw\n"
    assert (
        container_id(host + "20 1 254:0 /etc/hostname /etc/hostname rw - ext4 /dev/vda rw") is None
    )


def test_a_container_of_another_engine_is_not_ours(tmp_path: Path) -> None:
    file = tmp_path / "mountinfo"
    file.write_text(mountinfo(ID))
    assert find_own_container(InMemoryEngine(), file) is None
    found = find_own_container(engine(), file)
    assert found is not None
    assert found.id == ID
    assert not found.uses_host_network


def test_who_shares_a_network_is_who_joins(tmp_path: Path) -> None:
    file = tmp_path / "mountinfo"
    file.write_text(mountinfo(ID))
    shared = engine(f"container:{JOB}", {"Destination": "/w"})
    shared.add("containers", JOB, {}, HostConfig={"NetworkMode": "host"}, Mounts=[])
    found = find_own_container(shared, file)
    assert found is not None
    assert found.id == JOB
    assert found.uses_host_network
    assert found.mounts == ({"Destination": "/w"},)


def test_the_longest_mount_tells_the_host_s_path() -> None:
    mounts = (
        {"Type": "bind", "Source": "/srv", "Destination": "/github"},
        {"Type": "bind", "Source": "/home/r/_work/shop/shop", "Destination": "/github/workspace"},
    )
    assert host_path(own(*mounts), Path("/github/workspace/sub")) == Path(
        "/home/r/_work/shop/shop/sub"
    )


def test_a_workspace_in_a_volume_is_refused_with_the_way_out() -> None:
    mount = {"Type": "volume", "Source": "/var/lib/docker/volumes/act", "Destination": "/w"}
    with pytest.raises(StackError) as refused:
        host_path(own(mount), Path("/w"))
    assert refused.value.advice == "Run act with --bind."


def test_a_workspace_that_is_not_mounted_is_refused() -> None:
    with pytest.raises(StackError, match="not mounted"):
        host_path(own(), Path("/w"))


def test_the_host_s_name_leads_to_the_workspace(tmp_path: Path) -> None:
    workspace = tmp_path / "github" / "workspace"
    workspace.mkdir(parents=True)
    name = tmp_path / "home" / "runner" / "shop"
    assert linked_workspace(workspace, name) == name
    assert name.resolve() == workspace
    assert linked_workspace(workspace, name) == name
    assert linked_workspace(workspace, workspace) == workspace


def test_a_link_of_an_earlier_step_is_replaced(tmp_path: Path) -> None:
    workspace, name = tmp_path / "work", tmp_path / "name"
    workspace.mkdir()
    name.symlink_to(tmp_path / "elsewhere")
    assert linked_workspace(workspace, name).resolve() == workspace


def test_what_stands_at_the_host_s_name_is_never_removed(tmp_path: Path) -> None:
    workspace, name = tmp_path / "work", tmp_path / "name"
    workspace.mkdir()
    name.mkdir()
    with pytest.raises(StackError, match="exists in the gate's container"):
        linked_workspace(workspace, name)
    assert name.is_dir()
