"""What can be read in the checkout."""
