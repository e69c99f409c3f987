"""Messages to the browser of a dashboard are sent when they are there."""

from __future__ import annotations

import pytest

from cloudscope import serve

pytest.importorskip("voila", reason="Voila is not installed (pip install 'cloudscope[app]')")


def test_a_connection_asks_for_no_delay_and_then_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

    from cloudscope.prompt_websocket import PromptWebsocketConnection

    done: list[object] = []

    class Handler:
        def set_nodelay(self, value: bool) -> None:
            done.append(value)

    monkeypatch.setattr(PromptWebsocketConnection, "websocket_handler", Handler())
    monkeypatch.setattr(
        ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connected")
    )
    PromptWebsocketConnection.__new__(PromptWebsocketConnection).connect()
    assert done == [True, "connected"]


def test_the_dashboard_uses_it() -> None:
    from voila.app import Voila

    app = Voila()
    app.parse_command_line([f"--Voila.kernel_websocket_connection_class={serve.CONNECTION}"])
    assert app.kernel_websocket_connection_class.__name__ == "PromptWebsocketConnection"
