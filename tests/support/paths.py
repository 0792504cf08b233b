"""Where things lie, for tests."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
REAL_LOGS = ROOT.parent / "shared" / "logs"
"""Real conversations, where they lie beside the checkout; tests that need them skip where they don't."""
