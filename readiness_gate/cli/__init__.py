"""The command line and the container action: the only place that prints, posts and exits."""


def main() -> None:
    """Run the command of `sys.argv` and exit with its code (DESIGN 1.2)."""
    import gc  # noqa: PLC0415
    import sys  # noqa: PLC0415

    from readiness_gate.doors.settings import refuse_plugins  # noqa: PLC0415

    # Loading makes tens of thousands of objects that stay: to look through them again and again
    # is a tenth of a cold command's time. The command switches the collector on.
    gc.disable()
    refuse_plugins()

    try:
        from readiness_gate.cli.app import run  # noqa: PLC0415 - `--version` must not load the rest

        run()
    except KeyboardInterrupt:
        # While it still loads: from then on the command itself hears it.
        sys.exit(130)
