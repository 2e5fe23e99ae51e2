"""What a pull request waits for: references, edges, one graph, its order. Pure."""
