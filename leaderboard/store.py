"""The store of records: `<track>/<id>.json`, read strictly, nothing followed, nothing guessed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.records import Record, read_record

DEFAULT_RECORDS = Path(__file__).resolve().parent / "records"
MAX_RECORDS = 10_000
MAX_BYTES = 256 << 20
"""Of all records together; they are in memory while the pages are made."""
MAX_ENTRIES = 5 * MAX_RECORDS
README = "README.md"
COMPANIONS = (".run.json", ".parquet")
"""What may stand beside `<id>.json`; the pages do not need it."""


def read_store(folder: Path) -> list[Record]:
    """All records of a store, sorted by track, then id.

    Args:
        folder: holds one folder a track, which holds `<id>.json` and its companions. A README.md
            and names that begin with a dot are passed over; everything else is refused.

    Raises:
        InputError: for a file that does not belong there, a symbolic link, a record that is not
            valid or not in its place, or the same result twice.
    """
    if not folder.is_dir():
        raise InputError("the records folder does not exist", where=folder, fix="check --records")
    records: list[Record] = []
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
            if len(records) == MAX_RECORDS:
                raise InputError(f"more than {MAX_RECORDS:,} records", where=folder)
            size += path.stat().st_size
            if size > MAX_BYTES:
                raise InputError(f"the records have more than {MAX_BYTES:,} bytes", where=folder)
            records.append(_read_in_place(path))
    _refuse_duplicates(records, folder)
    return records


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
        elif entry.suffix == ".json":
            yield entry
        elif entry.name != README:
            raise InputError(
                "neither a record nor its companion",
                where=entry,
                fix=f"only <id>.json, <id>{' and <id>'.join(COMPANIONS)} belong here",
            )


def _read_in_place(path: Path) -> Record:
    record = read_record(path)
    if record.id != path.stem:
        raise InputError(
            f"the record's id is {record.id!r}", where=path, fix=f"name the file {record.id}.json"
        )
    if record.track.name != path.parent.name:
        raise InputError(
            f"the record is of track {record.track.name!r}",
            where=path,
            fix=f"move it to {record.track.name}/",
        )
    return record


def _refuse_duplicates(records: list[Record], folder: Path) -> None:
    """One submission, scored under one protocol with one evaluator, is one record."""
    seen: dict[tuple[str | None, ...], Record] = {}
    for record in records:
        submission = record.provenance.submission_sha256
        if submission is None:
            continue
        evaluator = record.provenance.evaluator
        key = (
            record.track.name,
            record.track.version,
            record.track.sha256,
            record.protocol,
            evaluator.sha256 if evaluator else None,
            submission,
        )
        if key in seen:
            raise InputError(
                f"the same submission stands there as {seen[key].id!r}",
                where=folder / record.track.name / f"{record.id}.json",
                fix="remove one of the two",
            )
        seen[key] = record
