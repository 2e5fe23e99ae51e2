"""What the double's state looks like in GitHub's REST answers."""
