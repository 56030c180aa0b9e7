"""Where every page lies: permalinks that hold as long as a record, a protocol and a version do."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from hmu_bench.errors import InputError
from hmu_bench.models import check_link
from hmu_bench.records import Record

FOLDER = re.compile(r"[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?")
NOT_IN_URLS = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9:/?@!$&'()*+,;=._~%-]")


def folder_of(version: str) -> str:
    """A folder's name for a track's version: itself, or a hash where it is no plain name.

    >>> folder_of("1"), folder_of("2026-11"), folder_of("../..")
    ('1', '2026-11', 'x-0cfd1c96cbc0c0e0')
    >>> folder_of("x-0cfd1c96cbc0c0e0")
    'x-6ba756e243284fc5'
    """
    if FOLDER.fullmatch(version) and not version.startswith("x-") and version != "index.html":
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


def beside(record: Record, name: str) -> str:
    """A file beside a record's page."""
    return submission_path(record).removesuffix("index.html") + name


def without_index(path: str) -> str:
    """A page's path as the web names it: a folder, not its index.html.

    >>> without_index("metrics/index.html"), without_index("404.html"), without_index("index.html")
    ('metrics/', '404.html', '')
    """
    return path.removesuffix("index.html")


def encoded(link: str) -> str:
    """A link with everything percent-encoded that a URL may not hold as it is.

    >>> encoded("https://example.org/{x}?a=1_2%#b#c"), encoded("https://example.org/ü%20")
    ('https://example.org/%7Bx%7D?a=1_2%25#b%23c', 'https://example.org/%C3%BC%20')
    """
    head, hash_sign, fragment = link.partition("#")
    return _encoded(head) + hash_sign + _encoded(fragment)


def _encoded(part: str) -> str:
    return NOT_IN_URLS.sub(lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), part)


def checked_address(base_url: str) -> str:
    """The address of a site's root, ending in "/".

    Raises:
        InputError: unless it is http(s) with a host and without query and fragment.

    >>> checked_address("https://example.org/board")
    'https://example.org/board/'
    """
    try:
        check_link(base_url)
        parts = urlsplit(base_url)
        good = bool(parts.hostname) and not set(base_url) & set("?#@&;") and base_url.isascii()
    except ValueError:
        good = False
    if not good:
        raise InputError(
            f"{base_url!r} is no address of a site",
            key="--base-url",
            fix="give one like https://example.org/board/",
        )
    return base_url.rstrip("/") + "/"
