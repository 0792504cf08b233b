"""The socket of a page, opened without a browser."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

SECONDS = 30


def open_wire(address: str, origin: str, headers: dict[str, str], peer: str = "", name: str = "") -> ClientConnection:
    """A socket to the served pages under a host name (their own by default), from the address `peer` (any by default)."""
    where = urlsplit(address)
    raw = socket.create_connection((str(where.hostname), int(where.port or 0)), 10, (peer, 0) if peer else None)
    uri = f"ws://{name or where.netloc}/_stcore/stream"
    return connect(uri, sock=raw, origin=Origin(origin), additional_headers=headers, max_size=None)


def page_over(wire: ClientConnection, page: str = "", query: str = "") -> str:
    """All that the script of a page sends, as text."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = query
    wire.send(asked.SerializeToString())
    sent = ""
    while True:
        message = ForwardMsg.FromString(bytes(wire.recv(SECONDS)))  # type: ignore[arg-type]
        sent += str(message)
        if message.WhichOneof("type") == "script_finished":
            return sent
