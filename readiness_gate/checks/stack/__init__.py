"""Images, services and commands of the running stack."""
