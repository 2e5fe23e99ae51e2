"""`readiness-gate init`: a configuration to start from, where there is no checklist."""

from readiness_gate.adopt.repository_facts import RepositoryFacts
from readiness_gate.adopt.start import starting_configuration
from readiness_gate.checks import CHECKS
from readiness_gate.cli.console import Console
from readiness_gate.cli.import_ import place
from readiness_gate.doors.settings import Settings
from readiness_gate.doors.workspace import Workspace
from readiness_gate.errors import ConfigurationError


def command(settings: Settings, console: Console) -> int:
    """Write the configuration; return 0.

    Raises:
        ConfigurationError: there is one already.
    """
    workspace = Workspace(settings.workspace)
    target = place(workspace, settings.config)
    if target.exists():
        raise ConfigurationError(
            f"{settings.config} is there already",
            advice="`readiness-gate validate` says what it asks.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(starting_configuration(RepositoryFacts(workspace), CHECKS), "utf-8")
    console.note(f"{settings.config}: written; `readiness-gate validate` lists its items")
    return 0
