"""The socket of a page, opened without a browser."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

SECONDS = 30


def open_wire(
    address: str, origin: str, headers: dict[str, str], peer: str = "", name: str = "", path: str = "/_stcore/stream"
) -> ClientConnection:
    """A socket to the served pages under a host name (their own by default), from the address `peer` (any by default)."""
    where = urlsplit(address)
    raw = socket.create_connection((str(where.hostname), int(where.port or 0)), 10, (peer, 0) if peer else None)
    uri = f"ws://{name or where.netloc}{path}"
    return connect(uri, sock=raw, origin=Origin(origin), additional_headers=headers, max_size=None)


def page_over(wire: ClientConnection, page: str = "", query: str = "") -> str:
    """All that the script of a page sends, as text."""
    return "".join(map(str, messages_over(wire, page, query)))


def messages_over(
    wire: ClientConnection, page: str = "", query: str = "", widgets: Sequence[WidgetState] = ()
) -> list[ForwardMsg]:
    """All that the script of a page sends, with its widgets as they are told."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = query
    asked.rerun_script.widget_states.widgets.extend(widgets)
    wire.send(asked.SerializeToString())
    sent: list[ForwardMsg] = []
    while not sent or sent[-1].WhichOneof("type") != "script_finished":
        sent.append(ForwardMsg.FromString(bytes(wire.recv(SECONDS))))  # type: ignore[arg-type]
    return sent


def upload_over(wire: ClientConnection, address: str, page: str, data: bytes) -> None:
    """Put a file into the first uploader of a page, as a browser does: the bytes by a request, then their number by the socket."""
    sent = messages_over(wire, page)
    session = next(each.new_session.initialize.session_id for each in sent if each.WhichOneof("type") == "new_session")
    uploader = next(
        each.delta.new_element.file_uploader.id for each in sent if each.delta.new_element.HasField("file_uploader")
    )
    with httpx2.Client(base_url=address) as browser:
        token = browser.get("/_stcore/health").cookies["_streamlit_xsrf"]
        path = f"/_stcore/upload_file/{session}/f1"
        answer = browser.put(path, files={"file": ("log.jsonl", data)}, headers={"X-Xsrftoken": token})
        assert answer.status_code == 204, answer.text
    state = WidgetState(id=uploader)
    info = state.file_uploader_state_value.uploaded_file_info.add(file_id="f1", name="log.jsonl", size=len(data))
    info.file_urls.file_id = "f1"
    messages_over(wire, page, widgets=[state])
