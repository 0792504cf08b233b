"""A download's file outlives Streamlit's wish to delete it, for a while."""

import time

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from workbench.ui.download_cache import linger


def test_a_file_made_on_a_click_outlives_the_runs_after_which_streamlit_forgets_it() -> None:
    storage = MemoryMediaFileStorage("/media")
    linger(storage)
    manager = MediaFileManager(storage)
    button = manager.add_deferred(lambda: b"a,b", "text/csv", "1", "x.csv")
    address = manager.execute_deferred(button)
    for _ in range(3):
        manager.remove_orphaned_files()
    assert storage.get_file(address.removeprefix("/media/")).content == b"a,b"


def test_a_file_goes_when_its_time_is_up_but_not_one_that_was_asked_for_again() -> None:
    storage = MemoryMediaFileStorage("/media")
    linger(storage, seconds=0.05)
    gone, kept = (storage.load_and_get_id(data, "text/csv", MediaFileKind.DOWNLOADABLE) for data in (b"1", b"2"))
    for file in (gone, kept):
        storage.delete_file(file)
    storage.load_and_get_id(b"2", "text/csv", MediaFileKind.DOWNLOADABLE)
    deadline = time.monotonic() + 10
    while stored(storage, gone) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [stored(storage, file) for file in (gone, kept)] == [False, True]


def stored(storage: MemoryMediaFileStorage, file: str) -> bool:
    """Whether a browser that asks for the file still gets it."""
    try:
        storage.get_file(file)
    except MediaFileStorageError:
        return False
    return True
