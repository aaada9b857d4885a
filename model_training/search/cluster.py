"""The connection to a Ray cluster: an existing one, or a temporary one on this machine."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from model_training.errors import ClusterError

LOCAL = "local"
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # no usage reports
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # silences a warning about a future change for GPUs
    "RAY_AIR_NEW_OUTPUT": "0",  # the new output prints boxes even at verbosity 0
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # the search prints the last error of a trial itself
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # each run has its own history and TensorBoard logs
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl+C stops at once
}


@contextmanager
def connect(address: str) -> Iterator[None]:
    """Connect to the cluster at `address`; `local` starts one.

    Raises:
        ClusterError: Ray is not installed, there is no cluster, or it failed.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray.exceptions
        import ray.tune  # an extra of Ray
    except ImportError as error:
        raise ClusterError("this needs Ray: pip install '.[train,cluster]'") from error
    on_stop = signal.getsignal(signal.SIGTERM)  # Ray replaces the handler
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
    """Return the last line of a Ray error, which is the message; the lines before are the traceback."""
    return str(error).strip().splitlines()[-1]
