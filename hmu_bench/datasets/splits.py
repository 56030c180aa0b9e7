"""Split lists: `train.txt`, `val.txt`, `test.txt` (and `all.txt`), a clip id a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hmu_bench.datasets.model import SPLITS, Problem, SplitName, check_name
from hmu_bench.errors import InputError
from hmu_bench.files import read_text, sha256_bytes

FILES: dict[SplitName, str] = {"train": "train.txt", "validation": "val.txt", "test": "test.txt"}
ALL_FILE = "all.txt"

MAX_BYTES = 16 << 20
MAX_PROBLEMS = 100_000


@dataclass(frozen=True, slots=True)
class SplitLists:
    """Which clips belong to which split, in the order of the lists.

    Attributes:
        ids: split -> clip ids; every id at most once in all of them.
        given: False where the user gave no lists, and every clip goes to `train`.
        sha256: file name -> hash of its ids, in order.
        problems: ids that a list repeats, or that are no ids.
        only_in_all: ids of all.txt that are in no split, and the other way round.
    """

    ids: dict[SplitName, tuple[str, ...]]
    given: bool = True
    sha256: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    only_in_all: tuple[str, ...] = ()
    missing_in_all: tuple[str, ...] = ()

    @classmethod
    def none(cls, clip_ids: Iterable[str]) -> SplitLists:
        """No lists: every clip is in the split `train`, sorted by id."""
        return cls({"train": tuple(sorted(clip_ids))}, given=False)

    @classmethod
    def of(cls, lists: Mapping[SplitName, Iterable[str]]) -> SplitLists:
        """Lists that are in memory.

        Raises:
            InputError: for an unknown split, or an id that is given twice.
        """
        seen: set[str] = set()
        ids: dict[SplitName, tuple[str, ...]] = {}
        for name in lists:
            if name not in SPLITS:
                raise InputError(f"no split {name!r} (there are: {', '.join(SPLITS)})")
        for split in SPLITS:
            if split not in lists:
                continue
            ids[split] = tuple(lists[split])
            for clip_id in ids[split]:
                if clip_id in seen:
                    raise InputError("the clip is in the split lists twice", key=clip_id)
                seen.add(clip_id)
        hashes = {FILES[split]: _hash(ids[split]) for split in ids}
        return cls(ids, sha256=hashes)

    @property
    def all_ids(self) -> frozenset[str]:
        """The ids of all splits together."""
        return frozenset(clip_id for ids in self.ids.values() for clip_id in ids)


def read_splits(folder: Path, spelling: Callable[[str], str] = str) -> SplitLists:
    """Read the split lists of a folder; blank lines and a missing last newline do not matter.

    Args:
        folder: holds train.txt, val.txt, test.txt, at least one of them, and maybe all.txt.
        spelling: an id as the list has it -> as the clips have it.

    Raises:
        InputError: if there is no folder, none of the lists is in it, a list is not UTF-8, or all
            of them are empty.
    """
    if not folder.is_dir():
        kind = "is not a folder" if folder.exists() else "does not exist"
        raise InputError(f"the folder of split lists {kind}", where=folder, fix="check --splits")
    present = {split: folder / name for split, name in FILES.items() if (folder / name).exists()}
    if not present:
        raise InputError(
            f"none of {', '.join(FILES.values())} is in the folder",
            where=folder,
            fix="point --splits to the folder of the lists",
        )
    ids: dict[SplitName, tuple[str, ...]] = {}
    hashes: dict[str, str] = {}
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for split, path in present.items():
        ids[split], found = _read_list(path, seen, spelling)
        problems += found
        hashes[path.name] = _hash(ids[split])
    if not seen:
        raise InputError("the split lists are empty", where=folder)
    whole = folder / ALL_FILE
    if not whole.exists():
        return SplitLists(ids, sha256=hashes, problems=problems)
    listed, found = _read_list(whole, {}, spelling)
    problems += found
    hashes[ALL_FILE] = _hash(listed)
    everything = frozenset(listed)
    return SplitLists(
        ids,
        sha256=hashes,
        problems=problems,
        only_in_all=tuple(clip_id for clip_id in listed if clip_id not in seen),
        missing_in_all=tuple(clip_id for clip_id in seen if clip_id not in everything),
    )


def _hash(ids: Iterable[str]) -> str:
    return sha256_bytes("".join(f"{clip_id}\n" for clip_id in ids).encode())


def _read_list(
    path: Path, seen: dict[str, str], spelling: Callable[[str], str]
) -> tuple[tuple[str, ...], list[Problem]]:
    """The ids of one list that no earlier line has; `seen` (id -> place) grows."""
    ids: list[str] = []
    problems: list[Problem] = []
    text = read_text(path, MAX_BYTES).removeprefix("\ufeff")
    for number, line in enumerate(text.split("\n"), start=1):
        clip_id = line.strip()
        if not clip_id:
            continue
        if len(problems) >= MAX_PROBLEMS:
            raise InputError(f"there are more than {MAX_PROBLEMS:,} bad lines", where=path)
        if wrong := check_name(clip_id):
            what = f"the id {wrong}"
            problems.append(Problem("unreadable line", what, str(path), path.name, number))
            continue
        clip_id = spelling(clip_id)
        if clip_id in seen:
            what = f"the id {clip_id!r} is given twice (first: {seen[clip_id]})"
            problems.append(Problem("duplicate id", what, str(path), path.name, number))
        else:
            seen[clip_id] = f"{path.name}:{number}"
            ids.append(clip_id)
    return tuple(ids), problems
