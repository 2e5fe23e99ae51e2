"""The system under test: boots it, waits for it, reaches into it, removes it."""
