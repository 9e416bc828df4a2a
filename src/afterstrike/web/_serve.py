"""Runs the app on a port of this machine until it is stopped."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

from ..errors import UsageError
from ._settings import Settings

__all__ = ["serve"]

MOST_CONNECTIONS = 200


def serve(
    settings: Settings, *, port: int = 8000, started: Callable[[str], None] = lambda address: None
) -> None:
    """Serve a record until the process is told to stop (SIGINT or SIGTERM).

    Parameters
    ----------
    settings : Settings
        What is served, on which host, to whom.
    port : int
        0 takes any free port.
    started : callable
        Called once with the address, when visitors can come.

    Raises
    ------
    UsageError
        The port cannot be had.

    Examples
    --------
    >>> from pathlib import Path
    >>> serve(Settings(Path("syria.duckdb")), port=8000, started=print)  # doctest: +SKIP
    http://127.0.0.1:8000/
    """
    import uvicorn

    from ._app import create_app

    listening = _listen(settings.host, port)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{shown}:{listening.getsockname()[1]}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                started(address)

    config = uvicorn.Config(
        create_app(settings), http="h11", ws="none", lifespan="on", log_config=None, access_log=False,
        server_header=False, proxy_headers=False, limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=15,
        timeout_graceful_shutdown=5, h11_max_incomplete_event_size=32_768,
    )  # fmt: skip
    try:
        Server(config).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn raises it again once all is closed
        print("stopped", file=sys.stderr)
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, where = found[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(2048)
        listening.set_inheritable(True)
    except (OSError, OverflowError, UnicodeError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise UsageError(
            f"{host} port {port} cannot be listened on ({reason}); give another --port, or 0 for any that is free"
        ) from None
    return listening
