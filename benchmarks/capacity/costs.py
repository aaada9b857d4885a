"""Every number of the computation: measured here, read elsewhere, or assumed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Deployment:
    """One way to serve.

    Attributes:
        name: in the tables.
        proxy_ms: processor time of a request in a proxy.
        reading_ms: processor time of a request in the process that reads.
        one_proxy: whether there is one proxy in all; else one on each machine, with time of that machine.
        controlled: whether Ray manages the machines; its head is a machine of its own.
    """

    name: str
    proxy_ms: float
    reading_ms: float
    one_proxy: bool = False
    controlled: bool = False


# Measured on two cores, 280x280 PNG in JSON, by `python -m benchmarks cluster`; includes Ray's processes.
DEPLOYMENTS = (
    Deployment("plain servers", proxy_ms=0.0, reading_ms=1.15),
    Deployment("Serve with HAProxy", proxy_ms=0.3, reading_ms=2.5, controlled=True),
    Deployment("Serve, a proxy on each machine", proxy_ms=4.5, reading_ms=6.2, controlled=True),
    Deployment("Serve, one proxy", proxy_ms=4.5, reading_ms=6.2, one_proxy=True, controlled=True),
)
BALANCER_MS = 0.14  # processor time of a request in HAProxy, as measured within Serve
CONTROLLER_SHARE = 0.021  # of a core, for Serve's controller without replicas
CONTROLLER_SHARE_EACH = 0.00026  # more for each replica: from 2.13 to 2.63 percent with 1 to 20 idle ones
MODEL_MEGABYTES = 0.47  # reader.tflite and release.json
MODEL_FILES = 2
RESPONSE_BYTES = 700

# Read.
HUB_FILES = 3000  # that the Hub delivers to one address without a token in five minutes

# Assumed.
CORES = 4  # of each machine
LOAD = 0.6  # share of the maximal rate; the rest is reserved for the load of failed machines
SPREAD = 0.5  # standard deviation of a request's time, in shares of its mean
CORE_HOUR_DOLLARS = 0.04
GIGABYTE_OUT_DOLLARS = 0.09
NETWORK_MEGABYTES = 100.0  # a second, out of one machine
READINGS_EACH = 3.0  # a second, of a visitor who draws
