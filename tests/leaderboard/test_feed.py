"""The Atom feed against the rules of RFC 4287 that a validator would check."""

from __future__ import annotations

import json
import re
import uuid
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.errors import InputError
from leaderboard import feed as feed_module
from leaderboard.build import build
from leaderboard.feed import Dated, atom
from leaderboard.run_facts import finished
from tests.leaderboard.made_up import board, record, write_store
from tests.leaderboard.rich import rich

A = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def dated() -> list[Dated]:
    return [Dated(one, NOON + timedelta(hours=n)) for n, one in enumerate(board())]


def one(parent: ET.Element, tag: str) -> ET.Element:
    (found,) = parent.findall(f"{A}{tag}")
    return found


def check(text: str) -> ET.Element:
    """RFC 4287, sections 4.1.1 and 4.1.2: what must be there, once, and in which form."""
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    feed = ET.fromstring(text)
    assert feed.tag == f"{A}feed"
    known = {"title", "subtitle", "id", "updated", "link", "author", "entry", "summary", "name"}
    assert {node.tag.removeprefix(A) for node in feed.iter()} - {"feed"} <= known
    ids = []
    for part in [feed, *feed.findall(f"{A}entry")]:
        for tag in ("title", "id", "updated"):
            assert (one(part, tag).text or "").strip()
        assert TIME.fullmatch(one(part, "updated").text or "")
        name = one(part, "id").text or ""
        assert uuid.UUID(name.removeprefix("urn:uuid:")).urn == name
        ids.append(name)
        links = part.findall(f"{A}link")
        relations = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in links]
        assert len(set(relations)) == len(relations)
        assert "alternate" in {link.get("rel") for link in links}
        for author in part.findall(f"{A}author"):
            assert [child.tag for child in author] == [f"{A}name"]
    assert len(set(ids)) == len(ids)
    assert feed.findall(f"{A}author"), "entries without an author need the feed's"
    return feed


def test_it_is_valid_and_newest_first() -> None:
    feed = check(atom(dated()))
    times = [one(entry, "updated").text or "" for entry in feed.findall(f"{A}entry")]
    assert times == sorted(times, reverse=True)
    assert one(feed, "updated").text == times[0]
    assert len(times) == len(board())


def test_addresses_are_whole_where_the_site_s_is_known() -> None:
    base = "https://example.org/board/"
    for link in ET.fromstring(atom(dated(), base)).iter(f"{A}link"):
        assert (link.get("href") or "").startswith(base)
    for link in ET.fromstring(atom(dated())).iter(f"{A}link"):
        assert re.match(r"(feed\.xml|index\.html|submissions/)", link.get("href") or "")


def test_ids_do_not_depend_on_the_address_the_time_or_the_values() -> None:
    def ids(text: str) -> list[str | None]:
        return [node.text for node in ET.fromstring(text).iter(f"{A}id")]

    first = ids(atom([Dated(rich(), NOON)]))
    again = rich(metrics={"forget": {"fid": {"value": 9.0}}})
    assert ids(atom([Dated(again, NOON + timedelta(days=9))], "https://example.org/")) == first
    assert ids(atom([Dated(rich(protocol="guo"), NOON)])) != first


def test_a_feed_without_entries_is_valid() -> None:
    assert check(atom([])).findall(f"{A}entry") == []


def test_the_order_of_records_makes_no_difference() -> None:
    same = [Dated(item.record, NOON) for item in dated()]
    assert atom(same) == atom(list(reversed(same)))


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "LONGEST", 3)
    assert len(check(atom(dated())).findall(f"{A}entry")) == 3


@given(st.text(max_size=100))
def test_any_text_stays_text(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    hostile = record(
        method={"name": text, "description": text, "authors": [text]},
        track={"name": "made-up-track", "version": text},
    )
    feed = check(atom([Dated(hostile, NOON)]))
    for node in feed.iter():
        assert not [key for key in node.attrib if key not in ("rel", "href", "type", LANG)]


LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def test_markup_and_entities_are_text() -> None:
    attack = "]]><script>alert(1)</script><!DOCTYPE x [<!ENTITY y 'z'>]>&y;"
    feed = check(atom([Dated(record(method={"name": attack}), NOON)]))
    entry = one(feed, "entry")
    assert (one(entry, "title").text or "").startswith(attack)


# Where the dates come from.


def test_a_built_site_dates_records_by_their_run_files(tmp_path: Path) -> None:
    store = write_store([rich(), record(id="undated"), record(id="no-moment")], tmp_path / "store")
    folder = store / "made-up-track"
    (folder / "rich.run.json").write_text('{"finished": "2026-11-22T13:30:00+02:00"}')
    (folder / "no-moment.run.json").write_text('{"seconds": 3}')
    build(tmp_path / "site", store)
    feed = check((tmp_path / "site" / "feed.xml").read_text("utf-8"))
    (entry,) = feed.findall(f"{A}entry")
    assert one(entry, "updated").text == "2026-11-22T11:30:00Z"
    href = one(entry, "link").get("href") or ""
    assert (tmp_path / "site" / href).is_file()


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"finished": 3}', '{"finished": "today"}', '{"finished": "2026-11-22T13:30:00"}',
     '{"finished": "9999-12-31T23:59:59-23:59"}'],
)  # fmt: skip
def test_a_bad_run_file_is_told(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.run.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"x\.run\.json") as caught:
        finished(path)
    assert "\n" not in str(caught.value)


def test_a_run_file_that_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.run.json"
    path.write_text(json.dumps({"finished": None}))
    assert finished(path) is None
