"""From what a team has to a gate that runs: proposals, and what stands in the way."""
