"""What the longer checks do; loaded when they run, so that binding options stays quick."""
