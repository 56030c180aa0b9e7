"""Where downloads are kept, and whether there may be any."""

from __future__ import annotations

import os
from pathlib import Path

CACHE = "HMU_CACHE"
OFFLINE = ("HMU_OFFLINE", "HF_HUB_OFFLINE")


def cache_folder() -> Path:
    """`$HMU_CACHE`, or the platform's folder for caches (`~/.cache/hmu-bench` on Linux)."""
    given = os.environ.get(CACHE)
    if given:
        return Path(given).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("hmu-bench")


def offline() -> str | None:
    """The environment variable that forbids the network, as `NAME=value`; None if none does."""
    for name in OFFLINE:
        value = os.environ.get(name, "")
        if value.strip().lower() in {"1", "true", "yes", "on"}:
            return f"{name}={value}"
    return None
