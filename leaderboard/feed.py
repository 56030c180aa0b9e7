"""The Atom feed (RFC 4287) of new records; the same records give the same bytes."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hmu_bench.records import Record
from leaderboard.badge import result
from leaderboard.bibtex import citation
from leaderboard.links import submission_path, without_index
from leaderboard.text import shown

NAMESPACE = uuid.UUID("5b0b4f3c-6a52-5d0e-9a0e-6f8f3b0f6a11")
"""Of the names that entries are called by: an entry keeps its id when the site moves."""
LONGEST = 50
"""Entries; older ones stand on the board."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A record and when it was scored."""

    record: Record
    finished: datetime


def atom(dated: Iterable[Dated], base_url: str | None = None) -> str:
    """The feed, newest first.

    Args:
        dated: the records whose scoring is dated; others cannot be in a feed.
        base_url: where the site will be published; without it links are relative to the feed.
    """
    newest = sorted(dated, key=_age)[:LONGEST]
    root = base_url or ""
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _text(feed, "title", "hmu-bench: new records")
    _text(feed, "subtitle", citation().title)
    _text(feed, "id", _id("feed"))
    _text(feed, "updated", _time(newest[0].finished) if newest else _released())
    ET.SubElement(feed, "link", {"rel": "self", "href": f"{root}feed.xml"})
    ET.SubElement(feed, "link", {"rel": "alternate", "href": f"{root}index.html"})
    _author(feed, ["The hmu-bench developers"])
    for one in newest:
        _entry(feed, one, root)
    ET.indent(feed, "")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def _entry(feed: ET.Element, one: Dated, root: str) -> None:
    record = one.record
    track = f"{record.track.name}, version {record.track.version}, protocol {record.protocol}"
    page = submission_path(record)
    entry = ET.SubElement(feed, "entry")
    _text(entry, "title", f"{record.method.name} on {record.track.name}: {result(record)}")
    _text(entry, "id", _id(record.track.name, record.track.version, record.protocol, record.id))
    _text(entry, "updated", _time(one.finished))
    _author(entry, record.method.authors)
    href = f"{root}{without_index(page) if root else page}"
    ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": href})
    _text(entry, "summary", f"{track}. {record.method.description}")


def _author(parent: ET.Element, names: Sequence[str]) -> None:
    for name in names:
        if shown(name).strip():
            _text(ET.SubElement(parent, "author"), "name", name)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    """A child of plain text; what XML cannot hold is shown by its code."""
    ET.SubElement(parent, tag).text = shown(text).strip() or "(none)"


def _id(*names: str) -> str:
    """A name for all times: the same for the same names, wherever the site lies."""
    return uuid.uuid5(NAMESPACE, "\n".join(names)).urn


def _age(one: Dated) -> tuple[float, str, str, str]:
    record = one.record
    return -one.finished.timestamp(), record.track.name, record.protocol, record.id


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _released() -> str:
    """A feed without entries is as old as the benchmark."""
    return f"{citation().released}T00:00:00Z"
