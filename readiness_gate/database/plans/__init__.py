"""What an engine would do for a statement, and how often statements are run."""
