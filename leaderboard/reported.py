"""Figures that publications state -> records of kind `reported`; nothing is measured here.

One YAML file a publication in `publications/`. Reported records stand apart from scored ones and
are never ranked: they come from other people's code, prompts and draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator

from hmu_bench.errors import InputError
from hmu_bench.models import LongText, ShortText, Slug, Strict, bad_model, check_link
from hmu_bench.records import (
    Method,
    PromptSet,
    Provenance,
    Record,
    TrackReference,
    Value,
    read_record,
    write_record,
)
from hmu_bench.yaml_files import read_yaml_model

PUBLICATIONS = Path(__file__).resolve().parent / "publications"

Figures = dict[str, Annotated[float, Field(allow_inf_nan=False)]]


class Result(Strict):
    """One row of a publication's tables."""

    id: Slug
    method: ShortText
    role: Literal["method", "original", "retrained"]
    base_model: Slug | None = None
    family: ShortText | None = None
    forget: Figures
    retain: Figures


class ReportedTrack(Strict):
    """The rows that answer to one track."""

    name: Slug
    version: ShortText
    results: list[Result] = Field(min_length=1, max_length=1000)


class Publication(Strict):
    """What one publication reports, and where it stands."""

    citation: LongText
    stated_in: ShortText
    paper: str
    authors: list[ShortText] = Field(max_length=200)
    concept: ShortText
    protocol: Slug
    package_version: ShortText
    tracks: list[ReportedTrack] = Field(min_length=1, max_length=100)

    _link = field_validator("paper")(check_link)


ABOUT = {
    "original": "The model before unlearning.",
    "retrained": "The model trained anew on the retain set only: what unlearning aims at.",
    "method": "An unlearning method, applied to the original model.",
}


def records(publication: Publication) -> Iterator[Record]:
    """A record a row: without intervals, coverage and hashes, which a publication does not give."""
    for track in publication.tracks:
        for result in track.results:
            yield _record(publication, track, result)


def _record(publication: Publication, track: ReportedTrack, result: Result) -> Record:
    metrics: dict[PromptSet, dict[str, Value]] = {
        "forget": {name: Value(value=number) for name, number in result.forget.items()},
        "retain": {name: Value(value=number) for name, number in result.retain.items()},
    }
    return Record(
        id=result.id,
        kind="reported",
        role=result.role,
        track=TrackReference(name=track.name, version=track.version),
        protocol=publication.protocol,
        method=Method(
            name=result.method,
            description=f"{ABOUT[result.role]} Measured by the authors, with their own code and "
            "prompts; hmu-bench has seen no motion of it.",
            base_model=result.base_model,
            unlearned=[publication.concept] if result.role == "method" else [],
            authors=publication.authors,
            paper=publication.paper,
            family=result.family,
        ),
        metrics=metrics,
        provenance=Provenance(
            package_version=publication.package_version,
            citation=f"{publication.citation} (figures: {publication.stated_in})",
        ),
    )


def read_publications(folder: Path = PUBLICATIONS) -> dict[Path, Publication]:
    """All publications of a folder by their files, in the order of the names.

    Raises:
        InputError: for a folder without any, or a file that is not right (with file and key).
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise InputError("no publications (*.yaml) lie there", where=folder)
    return {path: read_yaml_model(path, Publication) for path in files}


def _checked(source: Path, publication: Publication) -> list[Record]:
    try:
        return list(records(publication))
    except ValidationError as error:
        raise bad_model(error, source) from error


def write_reported(store: Path, folder: Path = PUBLICATIONS) -> list[Path]:
    """Write the records of all publications into a store; returns their files.

    Raises:
        InputError: as `read_publications`, for two rows of one id on one track, and for a file of
            the store that would be overwritten and holds another kind of record.
    """
    found: dict[Path, Record] = {}
    for source, publication in read_publications(folder).items():
        for record in _checked(source, publication):
            path = store / record.track.name / f"{record.id}.json"
            if path in found:
                raise InputError(f"two results have the id {record.id!r}", where=source)
            found[path] = record
    for path in found:
        if path.exists() and read_record(path).kind != "reported":
            raise InputError("holds a record that was measured", where=path, fix="choose other ids")
    for path, record in found.items():
        write_record(record, path)
    return list(found)
