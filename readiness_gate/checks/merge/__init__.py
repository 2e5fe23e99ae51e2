"""Order, dependencies and people, from facts on GitHub."""
