"""What reports prove that other jobs wrote: read in the workspace, never fetched."""
