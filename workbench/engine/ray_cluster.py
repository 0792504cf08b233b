"""A Ray cluster as a build meets it: joined or started, watched while it works, and left.

Nothing goes out of the cluster: usage reports and the dashboard are off, and no package is fetched.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import UserError, WorkbenchError

REQUIREMENTS = "pip install -r requirements-ray.txt"
WATCHED_EVERY = 1.0
"""Seconds between two looks at the cluster."""
LOST_AFTER = 5
"""Looks that must fail one after another until the cluster counts as gone."""
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "30",
}


class RayCluster:
    """The cluster that a build works on; its watch says when it is gone."""

    def __init__(
        self, address: str | None, workers: int | None = None, lost: Callable[[str], None] = lambda message: None
    ) -> None:
        """Join the cluster at `address`, else at that of RAY_ADDRESS, or start one on this machine with so many `workers` (its processors).

        `lost` is called with what to say once the cluster is gone, from another thread: Ray ends the process soon after.

        Raises `UserError` where Ray isn't installed or nothing answers at the address.
        """
        if importlib.util.find_spec("ray") is None:
            raise UserError(
                f"Ray is not installed, which --engine ray works with. {REQUIREMENTS}, or leave --engine out."
            )
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        if "RAY_AUTH_TOKEN" in os.environ or _token_file().exists():
            os.environ.setdefault("RAY_AUTH_MODE", "token")  # as `ray start` does; a driver is not asked to by itself
        import ray  # takes two seconds, which only whoever asks for it pays

        self._ray = ray
        self._address = address = address or os.environ.get("RAY_ADDRESS")
        self._end = lost
        self.lost: str | None = None
        """What happened, once the cluster is gone."""
        self._done = threading.Event()
        self._join(address, workers)
        self._watched = [_host_and_port(str(ray.get_runtime_context().gcs_address)), self._own_node()]
        threading.Thread(target=self._watch, name="cluster watch", daemon=True).start()

    def _join(self, address: str | None, workers: int | None) -> None:
        quiet: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
        if address:
            self._require_answer(address)
            local: dict[str, Any] = {"address": address}
        else:
            local = {"num_cpus": workers or os.cpu_count(), "include_dashboard": False, "address": "local"}
        try:
            self._ray.init(**local, **quiet)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError, OSError) as e:
            detail = " ".join(str(e).split())[:300]
            if address is None:
                raise WorkbenchError(f"No Ray cluster can be started on this machine ({detail}).") from e
            raise UserError(
                f"The Ray cluster at {address} can't be joined ({detail}). This machine must be one of its nodes "
                f"(`ray start --address={address}`), with the same versions of Python and Ray, and the same token (`ray get-auth-token`)."
            ) from e

    def _require_answer(self, address: str) -> None:
        """`UserError` at once where nothing listens at an address: Ray itself would try for a minute."""
        if address == "auto":
            return
        try:
            socket.create_connection(_host_and_port(address), timeout=5).close()
        except (OSError, ValueError) as e:
            raise UserError(
                f"No Ray cluster answers at {address} ({e}). Start one with `ray start --head --port=6379 "
                "--include-dashboard=false` and name it with --ray-address HOST:6379, or leave --ray-address out."
            ) from e

    def _own_node(self) -> tuple[str, int]:
        """Where the node of this process listens."""
        own = self._ray.get_runtime_context().get_node_id()
        (node,) = [node for node in self._ray.nodes() if node["NodeID"] == own]
        return str(node["NodeManagerAddress"]), int(node["NodeManagerPort"])

    @property
    def processors(self) -> int:
        """How many there are in all nodes now."""
        return int(self._ray.cluster_resources().get("CPU", 0))

    @property
    def gpus(self) -> int:
        """How many there are in all nodes now."""
        return int(self._ray.cluster_resources().get("GPU", 0))

    def require(self) -> None:
        """`WorkbenchError` once the cluster is gone."""
        if self.lost:
            raise WorkbenchError(self.lost)

    def leave(self) -> None:
        """Disconnect; a cluster that was started here ends. One that is gone is not asked to."""
        left = self._done.is_set()
        self._done.set()
        if not self.lost and not left:
            self._ray.shutdown()

    def _watch(self) -> None:
        misses = 0
        while not self._done.wait(WATCHED_EVERY):
            try:
                for address in self._watched:
                    socket.create_connection(address, timeout=WATCHED_EVERY).close()
                misses = 0
            except OSError as e:
                misses += 1
                if misses >= LOST_AFTER:
                    self.lost = _gone(self._address, e)
                    self._end(self.lost)
                    return


def cluster_lost(address: str | None) -> str | None:
    """What to say where nothing answers at a cluster's address any more: Ray ends the program then, at times before its watch has seen it.

    None where something answers there; where no address is given it was a cluster of the program's own.
    """
    if not (address := address or os.environ.get("RAY_ADDRESS")):
        return None
    try:
        socket.create_connection(_host_and_port(address), timeout=WATCHED_EVERY).close()
    except OSError as e:
        return _gone(address, e)
    except ValueError:  # a way of naming a cluster that only Ray knows
        return None
    return None


def _gone(address: str | None, why: OSError) -> str:
    return (
        f"The Ray cluster {f'at {address} ' if address else ''}is gone ({why.strerror or why}), and the build with it. The store is as it "
        "was; what was observed and embedded is kept. Start the cluster again, or leave --engine out."
    )


def _token_file() -> Path:
    """Where Ray keeps the token that guards a cluster; the same on all its nodes."""
    return Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError("an address is HOST:PORT")
    return host.strip("[]"), int(port)
