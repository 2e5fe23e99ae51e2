"""Figures beside named peers or budgets: `make bench` prints them, nothing asserts them."""
