"""`.github/readiness.yml`: its shape, its strict loader, its JSON Schema (DESIGN 1.5)."""
