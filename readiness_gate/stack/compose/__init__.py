"""The compose driver: the CLI configures, builds and creates; everything else asks the engine."""
