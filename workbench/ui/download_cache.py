"""Downloads that stay until their browser has come for them.

Streamlit makes a download's file on the click and forgets it after the next two script runs, whoever's they are: while a
build's progress is drawn twice a second that is within a second, and a slow browser is told that there is no such file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from streamlit.runtime import Runtime

if TYPE_CHECKING:
    import streamlit as st
    from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

SECONDS = 60.0


@asynccontextmanager
async def downloads_linger(app: st.App) -> AsyncIterator[None]:
    """For as long as the app is served, what its media storage is told to delete stays for a minute."""
    linger(Runtime.instance().media_file_mgr._storage)  # type: ignore[arg-type]
    yield


def linger(storage: MemoryMediaFileStorage, seconds: float = SECONDS) -> None:
    """Put off what the storage deletes by so many seconds; a file that is asked for again meanwhile stays.

    Streamlit's storages may ignore or put off deletions, but it takes no other storage than its own.
    """
    load, delete = storage.load_and_get_id, storage.delete_file
    due: dict[str, float] = {}
    lock = threading.Lock()

    def load_again(*file: Any, **how: Any) -> str:
        with lock:
            file_id = load(*file, **how)
            due.pop(file_id, None)
            return file_id

    def delete_later(file_id: str) -> None:
        with lock:
            due[file_id] = time.monotonic() + seconds
        timer = threading.Timer(seconds, delete_due)
        timer.daemon = True
        timer.start()

    def delete_due() -> None:
        with lock:
            for file_id in [file_id for file_id, at in due.items() if at <= time.monotonic()]:
                del due[file_id]
                delete(file_id)

    storage.load_and_get_id = load_again  # type: ignore[method-assign]
    storage.delete_file = delete_later  # type: ignore[method-assign]
