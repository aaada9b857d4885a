"""The API on a cluster beside one process, what it costs, and what faults cost."""
