"""The API on a Ray Serve cluster: throughput, costs and faults, compared with one process."""
