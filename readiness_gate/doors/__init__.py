"""The only ways out: environment, programs, files, target HTTP, YAML, clock, git (DESIGN 2.4)."""
