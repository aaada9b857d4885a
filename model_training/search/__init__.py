"""Training runs in parallel on Ray Tune: several seeds of a recipe, or a search for a better recipe."""
