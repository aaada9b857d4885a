"""`python -m app` serves the page and the JSON API; `python -m app batch` reads many pictures."""

import argparse
import socket
import sys
import tempfile

from app.batch import BatchError
from app.batch.arguments import add_arguments as add_batch_arguments
from app.logs import configure_logging
from app.model.release import BUNDLED_RELEASE, ReleaseError, open_release
from app.settings import Settings, SettingsError, load_settings

_CREATE_APP = "app.application:create_app"  # imported by the process that serves, not by its supervisor


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    options = _make_parser().parse_args(arguments)
    try:
        return _read_batch(options) if options.command == "batch" else _serve(options)
    except (SettingsError, BatchError, ReleaseError) as error:
        print(error, file=sys.stderr)
        return 1


def _serve(options: argparse.Namespace) -> int:
    from app.serving.server import serve  # a batch does not need it

    settings = _load_settings(options)
    if settings.ui or settings.workers > 1:
        _check_temporary_folder()
    open_release(BUNDLED_RELEASE)  # a damaged release is reported before anything starts
    configure_logging(settings.log_level, form=settings.log_format)
    with _listen(settings) as listener:
        return serve(_CREATE_APP, settings, listener=listener)


def _check_temporary_folder() -> None:
    try:
        tempfile.gettempdir()
    except FileNotFoundError as error:
        raise SettingsError(
            "The page, and more than one worker, need a writable folder for temporary files, such as /tmp; "
            "name one in TMPDIR, or serve the API alone with DIGITS_UI=0."
        ) from error


def _read_batch(options: argparse.Namespace) -> int:
    from app.model.loading import ModelRequiredError  # a supervisor of workers does not need the reader
    from app.recognition.readers.digit_reader import ReaderError

    settings = load_settings()
    configure_logging(settings.log_level, form=settings.log_format)
    try:
        from app.batch.command import run  # its dependencies are optional

        outcome = run(options, settings)
    except (ModelRequiredError, ReaderError) as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"Batches need {error.name}: pip install '.[batch]'.", file=sys.stderr)
        return 1
    print(outcome.message)
    return outcome.exit_code


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Serve the page and the JSON API that read handwritten digits.",
        epilog=_describe_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1; 0.0.0.0 for all)")
    parser.add_argument("--port", help="port to listen on (default 7860; 0 for any free port)")
    parser.add_argument("--workers", help="worker processes (default 1; more need DIGITS_UI=0)")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="[batch ...]")
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
    """Open the socket, before anything slow: a port in use is reported at once.

    Raises:
        SettingsError: the address cannot be listened on.
    """
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((settings.host, settings.port), family=family)
    except (OSError, UnicodeError) as error:  # UnicodeError: not a host name, as a..b
        message = error.strerror if isinstance(error, OSError) else "not a host name"
        reason = str(message or error).partition(" (")[0]  # the address is repeated in parentheses
        raise SettingsError(
            f"Cannot listen on {settings.host} port {settings.port}: {reason}. "
            "Choose another with --port or DIGITS_PORT."
        ) from error


if __name__ == "__main__":
    sys.exit(main())
