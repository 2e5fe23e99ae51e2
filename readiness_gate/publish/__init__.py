"""Writes to GitHub and to the runner's files what was decided and rendered before."""
