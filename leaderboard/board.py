"""The board: all records with their tables, and how a page is made from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Environment

from hmu_bench.records import Record
from leaderboard.store import Entry
from leaderboard.tables import Table, all_tables


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the site: its path below the root, and text (UTF-8) or bytes."""

    path: str
    content: str | bytes


class Board:
    """All records of a store and what the pages ask of them."""

    def __init__(
        self, entries: Sequence[Entry], env: Environment, base_url: str | None = None
    ) -> None:
        """Take the records.

        Args:
            entries: of the store.
            env: makes the pages (`frame.environment`).
            base_url: where the site will be published, ending in "/"; only what must name a whole
                address (sitemap, social preview, feed) needs it.
        """
        self.entries = tuple(
            sorted(entries, key=lambda e: (e.record.track.name, e.record.protocol, e.record.id))
        )
        self.env = env
        self.base_url = base_url
        self._entries = {_key(entry.record): entry for entry in self.entries}

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records by track, protocol and id."""
        return tuple(entry.record for entry in self.entries)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """One table a track, protocol and version; of each track the default table first."""
        return tuple(all_tables(self.records))

    @cached_property
    def tracks(self) -> dict[str, list[Table]]:
        """The tables by track."""
        found: dict[str, list[Table]] = {}
        for table in self.tables:
            found.setdefault(table.track, []).append(table)
        return found

    def entry(self, record: Record) -> Entry:
        """Where a record was read from."""
        return self._entries[_key(record)]

    def table_of(self, record: Record) -> Table:
        """The table that a record stands in."""
        return self._tables[_table_key(record)]

    @cached_property
    def _tables(self) -> dict[tuple[str, str, str], Table]:
        return {(table.track, table.protocol, table.version): table for table in self.tables}

    def base_of(self, record: Record) -> Record | None:
        """The record of a record's base model in the same table, if it is there."""
        return self.table_of(record).by_id.get(record.method.base_model or "")

    def page(self, path: str, template: str, **values: Any) -> Output:
        """A page of HTML; the template also gets `root`, `here` and `board`."""
        root = "../" * path.count("/")
        html = self.env.get_template(template).render(root=root, here=path, board=self, **values)
        return Output(path, html)


def _key(record: Record) -> tuple[str, str, str]:
    return record.track.name, record.protocol, record.id


def _table_key(record: Record) -> tuple[str, str, str]:
    return record.track.name, record.protocol, record.track.version
