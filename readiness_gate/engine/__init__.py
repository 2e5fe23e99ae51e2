"""Plans the items, runs their checks in a safe order, and concludes."""
