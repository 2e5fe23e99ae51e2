"""GraphQL over the double's state, on a subset of GitHub's own schema."""
