"""GitHub behind Protocols: live through PyGithub, or recorded in a snapshot."""
