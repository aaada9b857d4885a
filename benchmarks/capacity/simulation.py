"""Maximal rates, and simulated latencies of requests that arrive at random."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.capacity import costs
from benchmarks.capacity.costs import CORES, SPREAD, Deployment

_WARM_UP = 0.1  # share of the requests that are dropped: the queues are empty at first


def max_rate(deployment: Deployment, machines: int) -> float:
    """Return the requests a second that use all processor time of the machines or of the proxies."""
    machine = 1000 * CORES / _machine_ms(deployment)
    proxy = 1000 / deployment.proxy_ms if deployment.proxy_ms else float("inf")
    return min(proxy, machines * machine) if deployment.one_proxy else machines * min(proxy, machine)


def controller_share(replicas: int) -> float:
    """Return the load of Serve's controller, as a share of its one core; above 1 it is overloaded."""
    return costs.CONTROLLER_SHARE + costs.CONTROLLER_SHARE_EACH * replicas


def max_replicas() -> float:
    """Return the replicas that use the whole core of Serve's controller."""
    return (1 - costs.CONTROLLER_SHARE) / costs.CONTROLLER_SHARE_EACH


def simulate_latencies(
    deployment: Deployment, rate: float, *, machines: int, requests: int, seed: int
) -> NDArray[np.float64]:
    """Simulate the milliseconds from each request's arrival to its response.

    With a proxy on each machine a request is read where it arrives, so a single machine is simulated. Each
    process that reads has a queue; a request takes the shorter of two random ones, nearly as in Serve.

    Args:
        deployment: how requests are served.
        rate: requests a second at all machines together, a Poisson process.
        machines: number of machines.
        requests: number of simulated requests.
        seed: of the random generator.
    """
    generator = np.random.default_rng(seed)
    simulated, rate = (machines, rate) if deployment.one_proxy else (1, rate / machines)
    arrivals = np.cumsum(generator.exponential(1000 / rate, requests))
    proxy = _draw_times(deployment.proxy_ms, requests, generator)
    reading = _draw_times(_machine_ms(deployment), requests, generator)
    choices = generator.integers(simulated * CORES, size=(requests, 2))
    free = [0.0] * (simulated * CORES)
    latencies = np.empty(requests)
    passed = 0.0
    for index, (arrival, (first, second)) in enumerate(zip(arrivals, choices, strict=True)):
        passed = max(passed, arrival) + proxy[index]
        chosen = first if free[first] <= free[second] else second
        free[chosen] = max(free[chosen], passed) + reading[index]
        latencies[index] = free[chosen] - arrival
    return latencies[int(_WARM_UP * requests) :]


def _machine_ms(deployment: Deployment) -> float:
    """Return the processor time of a request on the machine that reads, with a proxy on that machine."""
    return deployment.reading_ms + (0.0 if deployment.one_proxy else deployment.proxy_ms)


def _draw_times(mean: float, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Draw times from a gamma distribution, which is positive and has a tail."""
    shape = 1 / SPREAD**2
    return generator.gamma(shape, mean / shape, count) if mean else np.zeros(count)
