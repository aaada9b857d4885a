"""Run Uvicorn with the application, in this process or in several workers."""

import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.serving.http_protocol import HeadLimitProtocol
from app.settings import Settings

if TYPE_CHECKING:
    from multiprocessing.synchronize import Lock

    from fastapi import FastAPI

_SHUTDOWN_SECONDS = 8  # with a drain of one second, less than the ten that most supervisors wait
_WORKER_SECONDS = 15  # a worker that does not respond to its supervisor for so long is replaced


def serve(create_app: str, settings: Settings, *, listener: socket.socket) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code.

    Args:
        create_app: import string of a function that creates the application from the settings.
        settings: the settings.
        listener: an open socket.
    """
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    has_workers = settings.workers > 1
    printing = multiprocessing.get_context("spawn").Lock() if has_workers else None
    config = make_config(
        partial(_create_app, create_app, settings, url=url, printing=printing),
        factory=True,
        log_level=settings.log_level,
        workers=settings.workers,
    )
    return _run_workers(config, listener) if has_workers else _run(config, listener)


def make_config(app: "FastAPI | Callable[[], FastAPI]", **options: Any) -> uvicorn.Config:
    """Return Uvicorn's configuration for the application, or for a function that creates it."""
    return uvicorn.Config(
        app,
        http=HeadLimitProtocol,
        ws="none",  # the page uses event streams
        proxy_headers=False,  # the application reads them
        log_config=None,
        access_log=False,  # the application has its own
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        timeout_worker_healthcheck=_WORKER_SECONDS,
        **options,
    )


def _create_app(import_string: str, settings: Settings, *, url: str, printing: "Lock | None") -> "FastAPI":
    from app.serving.lifespan import create_served_app  # 50 MB that a supervisor of workers does not need

    return create_served_app(import_string, settings, url=url, printing=printing)


def _run(config: uvicorn.Config, listener: socket.socket) -> int:
    # Uvicorn restores this handler and raises SIGTERM again at its end, which would change the exit code.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    except SystemExit:  # the start failed
        return 1
    return 0


def _run_workers(config: uvicorn.Config, listener: socket.socket) -> int:
    # The worker has printed the reason.
    logging.getLogger("uvicorn.error").addFilter(lambda record: "failed to start" not in record.getMessage())
    with TemporaryDirectory(prefix="digits-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        supervisor = Multiprocess(config, sockets=[listener])
        supervisor.run()
    return int(any(worker.exitcode == STARTUP_FAILURE for worker in supervisor.processes))
