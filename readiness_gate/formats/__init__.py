"""Reports of other programs, read strictly: what comes from a pull request is data."""
