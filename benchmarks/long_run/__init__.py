"""Minutes of mixed load: whether every answer stays right, and whether anything grows."""
