"""A connection between kernel and browser that sends small messages when they are there."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["PromptWebsocketConnection"]


class PromptWebsocketConnection(ZMQChannelsWebsocketConnection):
    """The usual connection of a Jupyter server, without Nagle's algorithm.

    A server holds a small message back until the browser has acknowledged the one before, and a
    browser that has nothing to say acknowledges after 40 ms: what follows a hand comes late.
    cloudscope's own dashboard uses this connection; another Jupyter server, or Voila, does with
    this line in its configuration (``c.Voila`` for Voila)::

        c.ServerApp.kernel_websocket_connection_class = (
            "cloudscope.prompt_websocket.PromptWebsocketConnection"
        )
    """

    def connect(self) -> Any:
        """Connect as ever, with messages sent at once."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
