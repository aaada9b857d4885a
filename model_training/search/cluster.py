"""Ray: a cluster that runs already, or one on this machine for as long as it takes."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

LOCAL = "local"
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # else Ray tells its makers of each run
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else Ray warns of what it will do to graphics cards one day
    "RAY_AIR_NEW_OUTPUT": "0",  # the new one prints boxes even where nothing is to be printed
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # the last error of a trial is told by us, in one sentence
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # each run has its own history and its own TensorBoard logs
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl+C stops, as it does everywhere else
}


class ClusterError(RuntimeError):
    """Ray is not installed, not where it should be, or gave up."""


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Be connected to the cluster at `address`; `local` starts one.

    Raises:
        ClusterError: Ray is not installed, or there is no cluster.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray.exceptions
        import ray.tune  # Ray comes with it or without
    except ImportError as error:
        raise ClusterError("this needs Ray: pip install '.[train,cluster]'") from error
    on_stop = signal.getsignal(signal.SIGTERM)  # which Ray takes for itself
    dashboard = False if address == LOCAL else None
    try:
        ray.init(address, include_dashboard=dashboard, log_to_driver=False, logging_level=logging.ERROR)
    except ConnectionError as error:
        raise ClusterError(f"there is no Ray cluster at {address}") from error
    signal.signal(signal.SIGTERM, on_stop)
    try:
        yield
    except (ray.exceptions.RayError, ray.tune.TuneError) as error:
        raise ClusterError(f"the Ray cluster failed: {last_line(error)}") from error
    finally:
        ray.shutdown()


def last_line(error: Exception) -> str:
    """What went wrong; what stands above it in an error of Ray's is where."""
    return str(error).strip().splitlines()[-1]
