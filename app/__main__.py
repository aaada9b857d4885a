"""`python -m app`: serves the page and the JSON API; `python -m app batch` reads many pictures."""

import argparse
import logging
import signal
import socket
import sys

from app.batch import BatchError
from app.batch.arguments import add_arguments as add_batch_arguments
from app.logs import configure_logging
from app.model.release import BUNDLED_RELEASE, ReleaseError, open_release
from app.serving.workers import supervise, watch_supervisor
from app.settings import Settings, SettingsError, load_settings


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped, or do what another command says; return the exit code."""
    options = _make_parser().parse_args(arguments)
    if options.command == "batch":
        return _read_batch(options)
    try:
        settings, inherited = _load_settings(options), options.listener
        open_release(BUNDLED_RELEASE)  # so that a damaged one is told in a sentence, before anything starts
        listener = _listen(settings) if inherited is None else socket.socket(fileno=inherited)
    except (SettingsError, ReleaseError) as error:
        print(error, file=sys.stderr)
        return 1
    configure_logging(settings.log_level, form=settings.log_format)
    if settings.workers > 1:
        return supervise(listener, count=settings.workers)
    if inherited is not None:
        watch_supervisor()
    from app.application import create_app  # 50 MB that a supervisor of workers has no use for
    from app.serving.server import Server

    app = create_app(settings)
    server = Server(
        app,
        log_level=settings.log_level,
        drain_seconds=settings.drain_seconds,
        say_address=lambda url: print(
            f"Digits are read at {url} (the API's documentation: {url}/docs).", flush=True
        ),
    )
    # What is told below in a sentence needs no traceback of the server's.
    logging.getLogger("uvicorn.error").addFilter(lambda _: app.state.refusal is None)
    # The server has a handler of its own while it runs. An order to stop that comes again changes nothing.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return 0  # Ctrl-C is how one stops it, not a fault
    except SystemExit:  # how Uvicorn ends when the start fails
        if app.state.refusal is None:
            raise
        print(app.state.refusal, file=sys.stderr)
        return 1
    return 0 if server.started else 1


def _read_batch(options: argparse.Namespace) -> int:
    from app.model.loading import ModelRequiredError  # with the reader, which a supervisor has no use for
    from app.recognition.readers.digit_reader import ReaderError

    try:
        settings = load_settings()
        configure_logging(settings.log_level, form=settings.log_format)
        from app.batch.command import run  # what it needs may not be installed

        outcome = run(options, settings)
    except ModuleNotFoundError as error:
        print(f"Batches need {error.name}: pip install '.[batch]'.", file=sys.stderr)
        return 1
    except (SettingsError, BatchError, ModelRequiredError, ReleaseError, ReaderError) as error:
        print(error, file=sys.stderr)
        return 1
    print(outcome.message)
    return outcome.exit_code


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Serves the page on which digits are drawn and read, and the JSON API.",
        epilog=_describe_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 for all)")
    parser.add_argument("--port", help="port to listen on (default 7860; 0 takes any free one)")
    parser.add_argument("--workers", help="processes (default 1; more need DIGITS_UI=0)")
    parser.add_argument("--listener", type=int, help=argparse.SUPPRESS)  # a socket that a worker inherits
    commands = parser.add_subparsers(dest="command", title="instead of serving", metavar="[batch ...]")
    add_batch_arguments(commands.add_parser("batch", help="read many pictures into Parquet files"))
    return parser


def _load_settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name) for name in ("host", "port", "workers")}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


def _describe_settings() -> str:
    lines = [
        f"  DIGITS_{name.upper():21s} {field.description} (default {field.default})"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["environment variables, all optional:", *lines])


def _listen(settings: Settings) -> socket.socket:
    """Open the socket before anything else is loaded, so that a taken port is told at once.

    Raises:
        SettingsError: one cannot listen there.
    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((settings.host, settings.port), family=family)
    except (OSError, UnicodeError) as error:  # the latter of a name that cannot be one, as a..b
        said = error.strerror if isinstance(error, OSError) else "it is no name of a host"
        reason = str(said or error).partition(" (")[0]  # the address again follows, in brackets
        raise SettingsError(
            f"Cannot listen on {settings.host} port {settings.port}: {reason}. "
            "Choose another with --port or DIGITS_PORT."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
