"""Two targets, and the demonstration that runs the gate on one of them."""
