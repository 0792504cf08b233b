"""The cookie of a sign-in: whom it stands for, and until when."""

import os
import stat
from pathlib import Path

import pytest

from workbench.errors import UserError
from workbench.store import Store
from workbench.ui.sign_ins import COOKIE_SECRET, SignedIn, SignIns, sign_ins_of

HOUR = 3600.0


class Clock:
    """A clock that stands until it is moved."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sign_ins(folder: Path, clock: Clock, secret: str = "s" * 32) -> SignIns:
    return SignIns(secret, folder / "signed-out", 2, clock)


def test_a_cookie_stands_for_its_person_until_its_end(tmp_path: Path, clock: Clock) -> None:
    kept = sign_ins(tmp_path, clock)
    cookie = kept.begin("ana", "1", "s1")
    signed_in = kept.read(cookie)
    assert signed_in == SignedIn(signed_in.key if signed_in else "", "ana", "1", "s1", clock.now, clock.now + 2 * HOUR)
    clock.now += 2 * HOUR
    assert kept.read(cookie) is None


def test_a_cookie_of_another_key_or_none_stands_for_nobody(tmp_path: Path, clock: Clock) -> None:
    other = sign_ins(tmp_path, clock, "t" * 32).begin("ana", "1")
    kept = sign_ins(tmp_path, clock)
    assert [kept.read(cookie) for cookie in (other, "", "ana", kept.begin("ana", "1") + "x")] == [None] * 4


def test_what_ends_in_one_process_has_ended_in_every_other(tmp_path: Path, clock: Clock) -> None:
    here, there = sign_ins(tmp_path, clock), sign_ins(tmp_path, clock)
    first, second, third = here.begin("ana", "1", "s1"), here.begin("ana", "1", "s2"), here.begin("bo", "2", "s3")
    here.end(here.read(first))  # type: ignore[arg-type]
    assert [bool(there.read(cookie)) for cookie in (first, second, third)] == [False, True, True]
    here.end_all(session="s2")
    assert [bool(there.read(cookie)) for cookie in (first, second, third)] == [False, False, True]
    here.end_all(subject="2")
    assert there.read(third) is None
    clock.now += 1
    assert there.read(there.begin("bo", "2", "s4")), "whoever left may come again"


def test_notes_of_what_ended_go_once_every_cookie_from_before_has_run_out(tmp_path: Path, clock: Clock) -> None:
    kept = sign_ins(tmp_path, clock)
    kept.end_all(subject="1")
    clock.now += 3 * HOUR
    kept.end_all(subject="2")
    assert len(list((tmp_path / "signed-out").iterdir())) == 1


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(COOKIE_SECRET, raising=False)
    store = Store(tmp_path)
    first = sign_ins_of(store, 1)
    assert sign_ins_of(store, 1).secret == first.secret
    assert stat.S_IMODE(os.stat(tmp_path / "cookies.key").st_mode) == 0o600
    monkeypatch.setenv(COOKIE_SECRET, "short")
    with pytest.raises(UserError, match="has 5 characters"):
        sign_ins_of(store, 1)
