"""Deployments of commits, in batches."""

import json
from collections.abc import Collection

from readiness_gate.errors import ForgeError
from readiness_gate.forge.batch import read_batch
from readiness_gate.forge.client import Client
from readiness_gate.forge.rest import Fields
from readiness_gate.model.deployment import CommitDeployments, Deployment

_DEPLOYED = """
fragment deployed on Commit {
  deployments(first: 50, orderBy: {field: CREATED_AT, direction: DESC}) {
    nodes {
      environment state createdAt
      creator { login }
      latestStatus { state environmentUrl logUrl }
    }
    pageInfo { hasNextPage }
  }
}
"""


def read_deployments(
    client: Client, repository: str, commits: Collection[str]
) -> dict[str, CommitDeployments | ForgeError]:
    """Return the newest deployments of each commit, or why they are not known."""
    return read_batch(
        client,
        repository,
        commits,
        field=lambda commit: f"object(oid: {json.dumps(commit)}) {{ ...deployed }}",
        fragment=_DEPLOYED,
        permission="deployments: read",
        read=_deployments,
    )


def _deployments(_commit: str, fields: Fields) -> CommitDeployments:
    found = fields.fields("deployments")
    return CommitDeployments(
        deployments=tuple(_deployment(one) for one in found.items("nodes")),
        complete=not found.fields("pageInfo").truth("hasNextPage"),
    )


def _deployment(fields: Fields) -> Deployment:
    status = fields.fields("latestStatus") if fields.has("latestStatus") else None
    state = fields.text("state", default=status.text("state") if status else "PENDING")
    address = ""
    if status is not None:
        address = status.text("environmentUrl", default="") or status.text("logUrl", default="")
    return Deployment(
        environment=fields.text("environment", default=""),
        state=state.lower(),
        creator=fields.fields("creator").text("login") if fields.has("creator") else "",
        created_at=fields.time("createdAt"),
        url=address,
    )
