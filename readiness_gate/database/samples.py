"""How many rows show what is meant, where nobody says otherwise."""

SAMPLES = 5
