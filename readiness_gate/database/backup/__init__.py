"""A backup is made, restored into a scratch database, and compared."""
