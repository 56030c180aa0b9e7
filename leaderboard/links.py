"""Where every page lies: permalinks that hold as long as a record, a protocol and a version do."""

from __future__ import annotations

import hashlib
import re

from hmu_bench.records import Record

FOLDER = re.compile(r"[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?")


def folder_of(version: str) -> str:
    """A folder's name for a track's version: itself, or a hash where it is no plain name.

    >>> folder_of("1"), folder_of("2026-11"), folder_of("../..")
    ('1', '2026-11', 'x-0cfd1c96cbc0c0e0')
    """
    if FOLDER.fullmatch(version):
        return version
    return f"x-{hashlib.sha256(version.encode()).hexdigest()[:16]}"


def track_path(track: str) -> str:
    """A track's page: it shows the default protocol."""
    return f"tracks/{track}/index.html"


def table_path(track: str, protocol: str, version: str) -> str:
    """The permalink of a track under one protocol in one version."""
    return f"tracks/{track}/{protocol}/{folder_of(version)}/index.html"


def submission_path(record: Record) -> str:
    """A record's page. A track holds an id once a protocol."""
    return f"submissions/{record.track.name}/{record.protocol}/{record.id}/index.html"
