"""Training runs side by side, by Ray Tune: one recipe with several seeds, or the search for a better one."""
