"""Minutes of mixed load: whether all responses stay correct, and whether memory, files or threads grow."""
