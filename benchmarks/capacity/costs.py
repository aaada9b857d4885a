"""Every number that the computation rests on: measured here, read elsewhere, or assumed. Nothing else is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Way:
    """One way to serve.

    Attributes:
        name: for tables and plots.
        proxy_ms: of a core, for each request, before it reaches what reads.
        reading_ms: of a core, for each request, in the process that reads.
        one_proxy: for all machines; else one on each, which takes its time from that machine.
        controlled: by Ray, whose head is a machine of its own.
    """

    name: str
    proxy_ms: float
    reading_ms: float
    one_proxy: bool = False
    controlled: bool = False


# Measured on two cores, 280x280 PNG in JSON, by `python -m benchmarks cluster`, with what Ray spends aside.
PLAIN = Way("plain servers", proxy_ms=0.0, reading_ms=1.15)
SERVE_ONE_PROXY = Way("Serve, one proxy", proxy_ms=4.5, reading_ms=6.2, one_proxy=True, controlled=True)
SERVE_PROXIES = Way("Serve, a proxy on each machine", proxy_ms=4.5, reading_ms=6.2, controlled=True)
SERVE_HAPROXY = Way("Serve with HAProxy", proxy_ms=0.3, reading_ms=2.5, controlled=True)
WAYS = (PLAIN, SERVE_HAPROXY, SERVE_PROXIES, SERVE_ONE_PROXY)

BALANCER_MS = 0.14  # of a core, for each request: HAProxy, as measured within Serve
CONTROLLER_SHARE = 0.021  # of a core, for Serve's controller with no replica to look after
CONTROLLER_SHARE_EACH = 0.00026  # more for each replica: from 2.13 to 2.63 percent with 1 to 20 idle ones
MODEL_MEGABYTES = 0.47  # reader.tflite and release.json
MODEL_FILES = 2
ANSWER_BYTES = 700
STATIC_MEGABYTES = 3.5  # the static Space, at the first visit

# Read.
RAY_NODES = 2000  # what Ray's developers test; beyond it nobody promises anything
HUB_FILES = 3000  # that the Hub gives to one address without a token in five minutes

# Assumed.
CORES = 4  # of each machine
LOAD = 0.6  # of what a machine could do at most: what is left is for its neighbours' work when one dies
SPREAD = 0.5  # standard deviation of a request's time, in parts of its mean
CORE_HOUR_DOLLARS = 0.04
GIGABYTE_OUT_DOLLARS = 0.09
NETWORK_MEGABYTES = 100.0  # a second, out of one machine
READINGS_EACH = 3.0  # a second, of a visitor who draws
