"""Which signals are blind where a log lacks something: the signals' own registration says it."""

from __future__ import annotations

from workbench.failures.signals import REGISTRY
from workbench.logs.gaps import Lack


def blind_signals(lack: Lack) -> tuple[str, ...]:
    """The codes of the signals that can't fire in the conversations that lack this, in the order of the registry.

    Where the whole log lacks it (a share of 1), then also those that compare a conversation with the rest of its log.
    """
    everywhere = [code for code, kind in REGISTRY.items() if lack.name in kind.blind_without]
    if lack.share < 1:
        return tuple(everywhere)
    return (*everywhere, *(code for code, kind in REGISTRY.items() if lack.name in kind.blind_in_log_without))
