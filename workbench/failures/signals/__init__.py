"""Signals: small pure functions over one conversation, one family a module, each hit with its turn and its evidence."""

from workbench.failures.signals import (
    abandonment,
    bot,
    conformance,
    content,
    feedback,
    figures,
    guardrail,
    latency,
    loop,
    outcome,
    retrieval,
    returns,
    tool,
    user,
)
from workbench.failures.signals.norms import BotNorms, bot_norms
from workbench.failures.signals.observation import Observation, observe
from workbench.failures.signals.observations import Observations
from workbench.failures.signals.registry import (
    REGISTRY,
    WEIGHTS,
    Observed,
    Signal,
    SignalKind,
    Strength,
    find_signals,
    score,
)

_MODULES = (
    outcome,
    feedback,
    tool,
    content,
    figures,
    conformance,
    user,
    bot,
    loop,
    retrieval,
    guardrail,
    latency,
    abandonment,
    returns,
)
FAMILIES = tuple(module.__name__.rpartition(".")[2] for module in _MODULES)

__all__ = [
    "FAMILIES",
    "REGISTRY",
    "WEIGHTS",
    "BotNorms",
    "Observation",
    "Observations",
    "Observed",
    "Signal",
    "SignalKind",
    "Strength",
    "bot_norms",
    "find_signals",
    "observe",
    "score",
]
