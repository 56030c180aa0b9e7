"""The store of records: read strictly, nothing followed, nothing guessed.

A record is `<track>/<id>.json`, or `<track>/<id>.<protocol>.json` where one submission is scored
under several protocols.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import read_bounded
from hmu_bench.records import Record, read_record

DEFAULT_RECORDS = Path(__file__).resolve().parent / "records"
MAX_RECORDS = 10_000
MAX_BYTES = 256 << 20
"""Of all records together; they are in memory while the pages are made."""
MAX_ENTRIES = 5 * MAX_RECORDS
MAX_RUN_BYTES = 1 << 20
README = "README.md"
PAGE = "index.html"
"""What no folder of the site may be called."""
RUN = ".run.json"
COMPANIONS = (RUN, ".parquet", ".preview.safetensors")
"""What may stand beside a record's file: `STEM.json` -> `STEM.run.json` and so on."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and the file that it was read from."""

    record: Record
    path: Path

    def companion(self, end: str) -> Path | None:
        """The file of `COMPANIONS` with this ending beside the record, if it is there."""
        path = self.path.with_name(self.path.name.removesuffix(".json") + end)
        return path if path.is_file() else None


def read_store(folder: Path) -> list[Record]:
    """The records of `read_entries`."""
    return [entry.record for entry in read_entries(folder)]


def read_entries(folder: Path) -> list[Entry]:
    """All records of a store with their files, sorted by track, then file name.

    Args:
        folder: holds one folder a track, which holds records and their companions. A README.md
            and names that begin with a dot are passed over; everything else is refused.

    Raises:
        InputError: for a file that does not belong there, a symbolic link, a record that is not
            valid or not in its place, or the same result twice.
    """
    if not folder.is_dir():
        raise InputError("the records folder does not exist", where=folder, fix="check --records")
    entries: list[Entry] = []
    size = 0
    for track in _entries(folder):
        if track.name == README and track.is_file():
            continue
        if not track.is_dir():
            raise InputError(
                "a store holds one folder a track, not files",
                where=track,
                fix="move it to <track>/<id>.json",
            )
        for path in _record_files(track):
            if len(entries) == MAX_RECORDS:
                raise InputError(f"more than {MAX_RECORDS:,} records", where=folder)
            size += path.stat().st_size
            if size > MAX_BYTES:
                raise InputError(f"the records have more than {MAX_BYTES:,} bytes", where=folder)
            entries.append(Entry(_read_in_place(path), path))
    _refuse_duplicates(entries)
    return entries


def _entries(folder: Path) -> Iterator[Path]:
    """The entries of a folder by name, without dot files; a symbolic link is refused."""
    try:
        found = list(itertools.islice(folder.iterdir(), MAX_ENTRIES + 1))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=folder) from error
    if len(found) > MAX_ENTRIES:
        raise InputError(f"more than {MAX_ENTRIES:,} files", where=folder)
    entries = sorted(found, key=lambda path: path.name)
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            raise InputError("symbolic links are not followed", where=entry, fix="copy the file")
        yield entry


def _record_files(track: Path) -> Iterator[Path]:
    """The record files of a track's folder; what is neither record nor companion is refused."""
    entries = list(_entries(track))
    names = {entry.name for entry in entries}
    for entry in entries:
        companion = next((end for end in COMPANIONS if entry.name.endswith(end)), None)
        if not entry.is_file():
            raise InputError("a track's folder holds files only", where=entry)
        if companion:
            record = entry.name.removesuffix(companion) + ".json"
            if record not in names:
                raise InputError(f"there is no {record} beside it", where=entry, fix="add it")
            if companion == RUN and b'"schema_version"' in read_bounded(entry, MAX_RUN_BYTES):
                raise InputError(
                    f"is a record, under the name of a companion of {record}",
                    where=entry,
                    fix=f"choose an id and a protocol that make no name in {RUN}",
                )
        elif entry.suffix == ".json":
            yield entry
        elif entry.name != README:
            raise InputError(
                "neither a record nor its companion",
                where=entry,
                fix="only <id>.json, <id>.<protocol>.json and beside each "
                f"{', '.join(COMPANIONS)} belong here",
            )


def _read_in_place(path: Path) -> Record:
    record = read_record(path)
    if path.stem not in (record.id, f"{record.id}.{record.protocol}"):
        raise InputError(
            f"the record's id is {record.id!r}",
            where=path,
            fix=f"name the file {record.id}.json or {record.id}.{record.protocol}.json",
        )
    if record.dry_run:
        raise InputError(
            "the record is a dry run (--limit), which is never published",
            where=path,
            fix="score it again without --limit",
        )
    if PAGE in (record.id, record.protocol, record.track.name):
        raise InputError(f"{PAGE} is the name of a page", where=path, fix="choose another name")
    if record.track.name != path.parent.name:
        raise InputError(
            f"the record is of track {record.track.name!r}",
            where=path,
            fix=f"move it to {record.track.name}/",
        )
    return record


def _refuse_duplicates(entries: list[Entry]) -> None:
    """One id is one record a protocol; one submission under one protocol is one record, too."""
    ids: dict[tuple[str, ...], Entry] = {}
    submissions: dict[tuple[str | None, ...], Entry] = {}
    for entry in entries:
        record = entry.record
        name = (record.track.name, record.protocol, record.id)
        if name in ids:
            raise InputError(
                f"the record {record.id!r} under {record.protocol} stands in {ids[name].path.name}",
                where=entry.path,
                fix="remove one of the two",
            )
        ids[name] = entry
        if record.provenance.submission_sha256 is None:
            continue
        evaluator = record.provenance.evaluator
        key = (
            record.track.name,
            record.track.version,
            record.track.sha256,
            record.protocol,
            evaluator.sha256 if evaluator else None,
            record.provenance.submission_sha256,
        )
        if key in submissions:
            raise InputError(
                f"the same submission stands there as {submissions[key].record.id!r}",
                where=entry.path,
                fix="remove one of the two",
            )
        submissions[key] = entry
