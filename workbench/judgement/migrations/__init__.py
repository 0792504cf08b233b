"""The judgement store's schema, step by step. `HEAD` is the newest revision that this program knows.

Opening a store compares its revision with `HEAD` by plain SQL, so Alembic is imported only when there is work to do.
"""

from pathlib import Path

HEAD = "0006"
FOLDER = Path(__file__).parent
