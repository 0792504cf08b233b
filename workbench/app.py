"""The Streamlit entry: frame, navigation and the page that was asked for.

It stands here and not beside pages/, because a pages folder beside the entry is served without it (Streamlit runs a
deep link's page alone in a fresh process).
"""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# Streamlit puts the entry's folder first on the path, where our modules would hide others of the same name,
# and leaves out the one that the package itself is imported from.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != _HERE]
if str(_HERE.parent) not in sys.path:
    sys.path.insert(0, str(_HERE.parent))

from workbench.ui.frame import run

run()
