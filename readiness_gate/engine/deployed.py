"""The configuration as it stands for a deployed copy: nothing is booted, its endpoints are asked.

`environments` are for the stages after the merge (DESIGN 1.5). Items name services as they do
before it, `http://backend:8000/health` or a path below `stack.base-url`; an environment says where
these answer once they are deployed.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from readiness_gate.config.schema import EnvironmentConfig, GateConfig
from readiness_gate.config.stack import StackConfig
from readiness_gate.doors.records import did_you_mean
from readiness_gate.errors import ConfigurationError


def environment_named(
    config: GateConfig, name: str | None, *, asked_for: bool
) -> EnvironmentConfig | None:
    """Return an environment of the configuration, `None` where nobody named one.

    `asked_for`: somebody wrote the name for the gate. A deployment of GitHub's may have any name
    where no environment is described; where some are, a copy that nobody described cannot be
    judged by another system.

    Raises:
        ConfigurationError: there is none of that name.
    """
    if name is None or name in config.environments:
        return config.environments.get(name or "")
    if not (asked_for or config.environments):
        return None
    close = did_you_mean(name, list(config.environments))
    advice = f"Known environments: {', '.join(config.environments) or 'none'}."
    if not asked_for:
        advice += " Add it, or let the workflow run for these alone (`if:`)."
    raise ConfigurationError(f"environment: there is no {name[:80]!r}{close}", advice=advice)


def endpoints_of(environment: EnvironmentConfig) -> Mapping[str, str]:
    """Return base URLs by the name of the service, that of `prometheus` included."""
    asked = {"prometheus": environment.prometheus} if environment.prometheus else {}
    return {**asked, **environment.endpoints}


def deployed(config: GateConfig, environment: EnvironmentConfig) -> GateConfig:
    """Return the configuration with the deployed copy as its target; databases need a `url`."""
    stack = StackConfig.model_construct(driver="external", base_url=_base(config, environment))
    databases = {name: one for name, one in config.databases.items() if one.service is None}
    return config.model_copy(update={"stack": stack, "databases": databases})


def _base(config: GateConfig, environment: EnvironmentConfig) -> str | None:
    """Return where paths start: below the service as before the merge, or the only endpoint."""
    given = config.stack.base_url if config.stack is not None else None
    names = {name.lower() for name in endpoints_of(environment)}
    if given is not None and urlsplit(given).hostname in names:
        return given
    only = tuple(environment.endpoints.values())
    return only[0] if len(only) == 1 else None
