"""Overload at ten times the capacity, SIGTERM under load, and slow or aborting clients."""

import argparse
import asyncio
from time import perf_counter

import uvloop

from benchmarks.client import Connection, encode_request
from benchmarks.drawings import draw_digits
from benchmarks.overload.bad_clients import KINDS, BadClients, abort, send_slowly
from benchmarks.overload.drain import drain
from benchmarks.overload.flood import flood, send_in_turn
from benchmarks.overload.report import TIMES, Overload, as_data, write_text
from benchmarks.results import describe_machine, write_results
from benchmarks.servers import Server, resident_megabytes, run_app

_REFERENCE_SECONDS = 5.0
_CAPACITY_CONNECTIONS = 8
_RECOVERED_RESPONSES = 20  # successive ones as fast as without load
_RECOVERY_SECONDS = 10.0  # at most


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--seconds", type=float, default=30, help="seconds of overload (default %(default)s)")
    parser.add_argument(
        "--connections", type=int, default=256, help="connections of the overload (default %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    """Measure, and write the results."""
    machine = describe_machine()
    requests = [encode_request("/api/predict", drawing.body) for drawing in draw_digits()]
    with run_app() as server:
        overload = uvloop.run(
            _overload(server, requests, seconds=options.seconds, connections=options.connections)
        )
    with run_app() as server:
        rate = 2 * overload.capacity
        drained = uvloop.run(drain(server, requests, rate=rate, connections=options.connections))
    with run_app() as server:
        bad = uvloop.run(_run_bad_clients(server, requests, seconds=options.seconds))
    notes = [machine, f"{TIMES} times the capacity, on {options.connections} connections"]
    data = {"notes": notes, **as_data(overload, drained, bad)}
    write_results(options.output, "overload", data=data, text=write_text(overload, drained, bad, notes=notes))


async def _overload(server: Server, requests: list[bytes], *, seconds: float, connections: int) -> Overload:
    await send_in_turn(server.port, requests, seconds=1)  # warm-up
    unloaded = await send_in_turn(server.port, requests, seconds=_REFERENCE_SECONDS)
    busy = await send_in_turn(
        server.port, requests, seconds=_REFERENCE_SECONDS, connections=_CAPACITY_CONNECTIONS
    )
    capacity = busy.count().get(200, 0) / _REFERENCE_SECONDS
    before = resident_megabytes(server.process)
    flooded = await flood(
        server.port, requests, rate=TIMES * capacity, seconds=seconds, connections=connections
    )
    end = resident_megabytes(server.process)
    recovery = await _recover(server.port, requests, milliseconds=unloaded.percentile(99))
    await asyncio.sleep(5)
    return Overload(capacity, unloaded, flooded, (before, end, resident_megabytes(server.process)), recovery)


async def _recover(port: int, requests: list[bytes], *, milliseconds: float) -> float:
    start, in_turn, first = perf_counter(), 0, float("nan")
    async with Connection(port) as connection:
        while in_turn < _RECOVERED_RESPONSES and perf_counter() < start + _RECOVERY_SECONDS:
            sent = perf_counter()
            status = (await connection.send(requests[0])).status
            good = status == 200 and 1000 * (perf_counter() - sent) <= milliseconds
            first = sent if good and not in_turn else first
            in_turn = in_turn + 1 if good else 0
    return first - start if in_turn == _RECOVERED_RESPONSES else float("nan")


async def _run_bad_clients(server: Server, requests: list[bytes], *, seconds: float) -> list[BadClients]:
    await send_in_turn(server.port, requests, seconds=2)
    slow = [await send_slowly(server, requests, kind=kind, seconds=seconds) for kind in KINDS]
    aborted = [await abort(server, requests, whole=whole, seconds=seconds / 3) for whole in (False, True)]
    return slow + aborted
