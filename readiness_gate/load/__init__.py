"""The load generator: a plan goes into a process of its own, counts and histograms come out."""
