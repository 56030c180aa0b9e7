"""The written entries of a source, from their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from hmu_bench.errors import InputError
from hmu_bench.files import read_text, sha256_files
from hmu_bench.models import Strict, bad_model
from hmu_bench.tracks.written.entries import WrittenComposed, WrittenPair

FOLDER = Path(__file__).resolve().parent
# The sample's evaluator knows 320 words: its prompts are made of these alone.
SAMPLE_FOLDER = FOLDER.parent.parent / "sample" / "written"
PAIRS_FILE, COMPOSED_FILE = "implicit.jsonl", "composed.jsonl"
MAX_BYTES = 8 << 20

E = TypeVar("E", bound=Strict)


@dataclass(frozen=True)
class WrittenSet:
    """The written entries of a source.

    Attributes:
        pairs: implicit prompts with their safe twins.
        composed: prompts of several actions.
        sha256: over both files.
    """

    pairs: tuple[WrittenPair, ...]
    composed: tuple[WrittenComposed, ...]
    sha256: str


def load_written(source: str) -> WrittenSet:
    """The written entries that prompts of a caption source are made of.

    Args:
        source: `sample` has entries of its own, whose words its small evaluator knows; all other
            sources share one set.

    >>> written = load_written("humanml3d")
    >>> len(written.pairs), len(written.composed)
    (240, 126)
    """
    return read_written(SAMPLE_FOLDER if source == "sample" else FOLDER)


def read_written(folder: Path) -> WrittenSet:
    """The entries of a folder that holds `implicit.jsonl` and `composed.jsonl`.

    Raises:
        InputError: with the line, if one is no entry, or repeats an id or (whatever it asks for)
            a prompt's sentence; if a file cannot be read or has no entries.
    """
    files = {name: folder / name for name in (PAIRS_FILE, COMPOSED_FILE)}
    seen: dict[str, str] = {}
    return WrittenSet(
        _read(files[PAIRS_FILE], WrittenPair, _names_of_pair, seen),
        _read(files[COMPOSED_FILE], WrittenComposed, _names_of_composed, seen),
        sha256_files(files),
    )


def _names_of_pair(pair: WrittenPair) -> list[str]:
    return [pair.pair_id, pair.implicit.text, pair.safe.text]


def _names_of_composed(entry: WrittenComposed) -> list[str]:
    return [entry.composed_id, entry.text]


def _read(
    path: Path, model: type[E], names: Callable[[E], list[str]], seen: dict[str, str]
) -> tuple[E, ...]:
    entries: list[E] = []
    for number, line in enumerate(read_text(path, MAX_BYTES).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = model.model_validate_json(line)
        except ValidationError as error:
            problem = bad_model(error, path)
            raise InputError(problem.what, where=path, line=number, key=problem.key) from error
        for name in names(entry):
            if name in seen:
                raise InputError(
                    f"{name!r} is already on line {seen[name]}", where=path, line=number
                )
            seen[name] = f"{number} of {path.name}"
        entries.append(entry)
    if not entries:
        raise InputError("the file has no entries", where=path)
    return tuple(entries)
