"""What the running services answer."""
