"""The command line and the container action: the only place that prints, posts and exits."""


def main() -> None:
    """Run the command of `sys.argv` and exit with its code (DESIGN 1.2)."""
    from readiness_gate.cli.app import run  # noqa: PLC0415 - `--version` must not load the rest

    run()
