"""uvicorn's server, which looks after its connections and prints nothing."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.lifespan.on import LifespanOn

from helpers.serving.connection import SILENT, Connection

__all__ = ["Running"]

TICKS = 5  # of a tenth of a second, between two looks at the connections


class Running(uvicorn.Server):
    """A server whose connections end in time, and whose end waits for nobody."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until ``should_exit``."""
        # What a connection's callbacks raise is asyncio's to print, which no cell wants.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        self.config.load()
        self.config.lifespan_class = _Lifespan
        await super().serve(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Look at the connections; return whether to exit."""
        if counter % TICKS == 0:
            for one in list(self.server_state.connections):
                if isinstance(one, Connection):
                    one.check()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what still runs after a second; uvicorn would do so with a line of its own."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if tasks := set(self.server_state.tasks):
            _, late = await asyncio.wait(tasks, timeout=self.config.timeout_graceful_shutdown)
            for task in late:
                task.cancel()
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.end()
        await super().shutdown(sockets)


class _Lifespan(LifespanOn):
    """Starts and ends the application; ``Server.start`` tells of its failure."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = SILENT
