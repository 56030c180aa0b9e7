"""Which track packs are there, and what is wrong with those that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hmu_bench.errors import InputError
from hmu_bench.tracks.pack import EMBEDDED, cached_tracks, read_track
from hmu_bench.tracks.schema import TRACK_FILE, TrackInfo

Where = Literal["embedded", "cache", "folder"]

MAX_PACKS = 1000
HEADERS = (
    "name", "version", "source", "rule", "protocols", "prompts", "evaluator", "where",
)  # fmt: skip


@dataclass(frozen=True)
class FoundTrack:
    """A folder with a `track.yaml`.

    Attributes:
        folder: where it lies.
        where: `embedded` in the package, in the `cache`, or in a `folder` that was given. The
            first two load by name (the folder's); the cache comes first.
        info: what it is; None where it cannot be used.
        problem: why it cannot be used; None where it can.
    """

    folder: Path
    where: Where
    info: TrackInfo | None = None
    problem: str | None = None


def find_tracks(folders: Sequence[Path] = ()) -> list[FoundTrack]:
    """All packs: embedded, in `$HMU_CACHE/tracks`, and in folders.

    Every file of a pack is read and checked, so that what is listed without a problem loads.

    Args:
        folders: packs, or folders that hold packs.

    Returns:
        The packs in this order, those of a place by name; broken ones with what is wrong.

    Raises:
        InputError: if a folder does not exist, or holds no pack.
    """
    places: list[tuple[Where, Path]] = [("embedded", path) for path in _packs_in(EMBEDDED)]
    places += [("cache", path) for path in _packs_in(cached_tracks())]
    for folder in folders:
        if not folder.is_dir():
            raise InputError("the folder does not exist", where=folder, fix="check the path")
        own = (folder / TRACK_FILE).exists()
        packs = [folder] if own else list(_packs_in(folder))
        if not packs:
            raise InputError(
                f"there is no track pack here (a folder with {TRACK_FILE})", where=folder
            )
        places += [("folder", path) for path in packs]
    return [_looked_at(path, where) for where, path in places]


def as_object(track: FoundTrack) -> dict[str, Any]:
    """What is known of a pack, for JSON; null for what a broken one does not tell."""
    info = track.info
    return {
        "name": info and info.name,
        "version": info and info.version,
        "source": info and info.source,
        "concept": info and info.concept,
        "rule": info and info.rule,
        "protocols": info and info.protocols,
        "prompts": info and info.prompts,
        "evaluator": info and info.evaluator.model_dump(mode="json"),
        "detector": info.detector.model_dump() if info and info.detector else None,
        "license": info and info.license,
        "where": track.where,
        "folder": str(track.folder),
        "problem": track.problem,
    }


def as_row(track: FoundTrack) -> list[str]:
    """The pack as a row of a table with `HEADERS`."""
    place = str(track.folder) if track.where == "folder" else track.where
    info = track.info
    if info is None:
        return [track.folder.name, "broken", "", "", "", "", "", place]
    prompts = ", ".join(f"{count} {name}" for name, count in info.prompts.items())
    return [
        info.name, info.version, info.source, info.rule, ", ".join(info.protocols), prompts,
        info.evaluator.id, place,
    ]  # fmt: skip


def _packs_in(root: Path) -> Iterator[Path]:
    """The packs below a folder, by name."""
    if not root.is_dir():
        return
    try:
        paths = sorted(root.iterdir())
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=root) from error
    found = 0
    for path in paths:
        # `exists` is False for a link to nothing, which is a broken pack all the same.
        if path.is_dir() and ((path / TRACK_FILE).exists() or (path / TRACK_FILE).is_symlink()):
            found += 1
            if found > MAX_PACKS:
                raise InputError(f"there are more than {MAX_PACKS:,} packs", where=root)
            yield path


def _looked_at(folder: Path, where: Where) -> FoundTrack:
    try:
        track = read_track(folder)
        _ = track.reference  # read and checked when it is first asked for
    except InputError as error:
        return FoundTrack(folder, where, problem=str(error))
    except OSError as error:
        problem = InputError(error.strerror or str(error), where=folder)
        return FoundTrack(folder, where, problem=str(problem))
    return FoundTrack(folder, where, track.info)
