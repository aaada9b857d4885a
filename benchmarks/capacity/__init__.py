"""Throughput and costs of many machines, computed from the measured costs of one request."""
