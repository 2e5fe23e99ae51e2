"""A job of a workflow run: its name is that of its check run."""

from readiness_gate.model.record import Record


class Job(Record):
    """One job of the newest attempt; `runner` is empty until a runner took it."""

    name: str
    runner: str = ""
    status: str
