"""What keeps the gate's workflows and required statuses from doing what they promise. Pure."""
