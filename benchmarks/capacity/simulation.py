"""The most that is possible, and requests that come at random, wait for a proxy and for what reads."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.capacity import costs
from benchmarks.capacity.costs import CORES, SPREAD, Way

_WARM_UP = 0.1  # of the requests: a queue that is empty at first tells nothing


def most_of_a_machine(way: Way) -> float:
    """Requests a second at which one machine has no time left."""
    return 1000 * CORES / _machine_ms(way)


def most_of_proxy(way: Way) -> float:
    """Requests a second at which a proxy, which is one process, has no time left."""
    return 1000 / way.proxy_ms if way.proxy_ms else float("inf")


def most(way: Way, machines: int) -> float:
    """Requests a second at which that many machines have no time left."""
    if way.one_proxy:
        return min(most_of_proxy(way), machines * most_of_a_machine(way))
    return machines * min(most_of_proxy(way), most_of_a_machine(way))


def controller_share(replicas: int) -> float:
    """Of its one core, what Serve's controller needs for so many replicas; above 1 it falls behind."""
    return costs.CONTROLLER_SHARE + costs.CONTROLLER_SHARE_EACH * replicas


def full_controller() -> float:
    """Replicas at which it has no time left."""
    return (1 - costs.CONTROLLER_SHARE) / costs.CONTROLLER_SHARE_EACH


def simulate_waits(way: Way, rate: float, *, machines: int, requests: int, seed: int) -> NDArray[np.float64]:
    """Milliseconds from each request's arrival to its answer.

    With a proxy on each machine a request is read where it came in, so that machines do not wait for each
    other, and one is simulated. Each process that reads has a queue; of two at random a request takes the
    one that is free sooner, which is nearly what Serve does.

    Args:
        way: how it is served.
        rate: requests a second at all machines together, Poisson.
        machines: how many.
        requests: how many are simulated.
        seed: of everything random.
    """
    generator = np.random.default_rng(seed)
    simulated, rate = (machines, rate) if way.one_proxy else (1, rate / machines)
    arrivals = np.cumsum(generator.exponential(1000 / rate, requests))
    proxy = _times(way.proxy_ms, requests, generator)
    reading = _times(_machine_ms(way), requests, generator)
    choices = generator.integers(simulated * CORES, size=(requests, 2))
    free = [0.0] * (simulated * CORES)
    waits = np.empty(requests)
    passed = 0.0
    for index, (arrival, (one, other)) in enumerate(zip(arrivals, choices, strict=True)):
        passed = max(passed, arrival) + proxy[index]
        chosen = one if free[one] <= free[other] else other
        free[chosen] = max(free[chosen], passed) + reading[index]
        waits[index] = free[chosen] - arrival
    return waits[int(_WARM_UP * requests) :]


def _machine_ms(way: Way) -> float:
    """Of a core, for each request: a proxy on the same machine takes its time from those that read."""
    return way.reading_ms if way.one_proxy else way.reading_ms + way.proxy_ms


def _times(mean: float, count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Gamma distributed: never below nothing, with a tail."""
    shape = 1 / SPREAD**2
    return generator.gamma(shape, mean / shape, count) if mean else np.zeros(count)
