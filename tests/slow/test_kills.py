"""Two hundred kills of the command `label`: what it acknowledged is there."""

import pytest

from tests.support.kills import kill_while_labelling
from workbench.store import Store

pytestmark = pytest.mark.slow


def test_every_change_that_the_command_label_acknowledged_is_there_after_two_hundred_kills(store: Store) -> None:
    killed = kill_while_labelling(store, 200)
    assert killed.acknowledged >= killed.kills == 200
    assert (killed.lost, killed.intact) == (0, True)
