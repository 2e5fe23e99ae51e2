"""The jobs of a workflow run."""

from readiness_gate.forge.client import Client, Request
from readiness_gate.forge.rest import Fields
from readiness_gate.model.job import Job


def read_jobs(client: Client, repository: str, run: int) -> tuple[Job, ...]:
    """Return the jobs of the newest attempt of a run.

    Raises:
        PermissionMissing: the token lacks actions: read.
        ForgeError: there is no such run, or no usable answer.
    """
    request = Request("GET", f"/repos/{repository}/actions/runs/{run}/jobs", "actions: read")
    return tuple(
        Job(
            name=one.text("name"),
            runner=one.text("runner_name", default=""),
            status=one.text("status"),
        )
        for page in client.pages(request)
        for one in Fields(page, str(request)).items("jobs")
    )
