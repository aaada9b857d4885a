"""`python -m app batch` with many pictures: throughput, memory, and restarts after kills."""
