"""The container action: inputs instead of options, and its post step."""

from readiness_gate.cli import run
from readiness_gate.cli import teardown as post_step
from readiness_gate.cli.boundary import exit_code_of
from readiness_gate.cli.console import Console
from readiness_gate.doors.settings import Settings, from_environment, process_environment
from readiness_gate.publish.outputs import mask


def main(*, teardown: bool) -> int:
    """Return the exit code of the step; of the post step it never changes the verdict."""
    environment = process_environment()
    console = Console(verbose=environment.get("RUNNER_DEBUG") == "1")

    def command() -> int:
        settings = from_environment(environment, action=True)
        if teardown:
            return post_step.command(settings, console, project=None)
        return _gate(settings, console)

    code = exit_code_of(command, console)
    # The runner fails a job whose post step fails; what is left behind was said above.
    return 0 if teardown else code


def _gate(settings: Settings, console: Console) -> int:
    if settings.token:
        for line in mask(settings.token):
            console.out(line)
    if settings.mode == "publish":
        from readiness_gate.cli import publish  # noqa: PLC0415 - PyGithub loads slowly

        return publish.command(settings, console, formats=["text"])
    return run.command(settings, console, formats=["text"])
