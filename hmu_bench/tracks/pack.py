"""A track pack as a folder: found by name or path, read and checked, written whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hmu_bench.caching import cache_folder
from hmu_bench.errors import InputError
from hmu_bench.files import require_inside, sha256_file, staged_directory
from hmu_bench.models import bad_model
from hmu_bench.tracks.prompts import Prompt
from hmu_bench.tracks.reference import (
    MAX_REFERENCE_BYTES,
    Reference,
    SetReference,
    TrackStatistics,
    read_reference,
    to_tensors,
)
from hmu_bench.tracks.schema import (
    PROMPT_SETS,
    PROMPTS_FILE,
    REFERENCE_FILE,
    TRACK_FILE,
    PromptSetName,
    TrackInfo,
)
from hmu_bench.tracks.table import MAX_TABLE_BYTES, read_prompts, write_prompts
from hmu_bench.yaml_files import read_yaml_model, write_yaml

EMBEDDED = Path(__file__).resolve().parent.parent / "sample" / "tracks"

# Written prompts have no real motion.
SETS_WITH_REAL_MOTIONS: tuple[PromptSetName, ...] = ("forget", "retain")

MAX_FILE_BYTES = max(MAX_TABLE_BYTES, MAX_REFERENCE_BYTES)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True)
class Track:
    """A read pack.

    Attributes:
        info: `track.yaml`.
        prompts: all prompts, ordered by id.
        folder: where it lies.
        sha256: of `track.yaml`, which holds the hashes of the other files: the whole pack's.
    """

    info: TrackInfo
    prompts: list[Prompt]
    folder: Path
    sha256: str

    @cached_property
    def by_id(self) -> dict[str, Prompt]:
        """The prompts by their ids."""
        return {prompt.prompt_id: prompt for prompt in self.prompts}

    @cached_property
    def base_clips(self) -> dict[str, str]:
        """Prompt id -> the clip that all its captions, parts and its mirrored twin belong to.

        It is the unit of intervals. A prompt without a clip is a unit of its own.
        """
        from hmu_bench.datasets.model import is_mirrored, twin_base

        clips = {prompt.clip_id for prompt in self.prompts if prompt.clip_id is not None}
        base = {clip: twin_base(clip) if is_mirrored(clip, clips) else clip for clip in clips}
        return {
            prompt.prompt_id: f"prompt {prompt.prompt_id}"
            if prompt.clip_id is None
            else base[prompt.clip_id]
            for prompt in self.prompts
        }

    @property
    def reference(self) -> dict[str, SetReference]:
        """Statistics of the real motions per prompt set, read when first asked for."""
        return self._read.sets

    @property
    def statistics(self) -> TrackStatistics:
        """Statistics of the real motions as a whole, read when first asked for."""
        return self._read.statistics

    @cached_property
    def _read(self) -> Reference:
        with_motions = {
            str(s): n for s, n in self.info.prompts.items() if s in SETS_WITH_REAL_MOTIONS
        }
        path = self.folder / REFERENCE_FILE
        read = read_reference(path, with_motions, self.info.evaluator.dim)
        detector, told = read.statistics.detector, self.info.detector
        if (detector is None) != (told is None):
            raise InputError("holds a detector, or track.yaml tells of one: not both", where=path)
        if detector and told and detector.threshold != told.threshold:
            raise InputError(
                "is not the threshold that track.yaml names", where=path, key="detector/threshold"
            )
        return read

    def prompts_of(self, prompt_set: str) -> list[Prompt]:
        """The prompts of one set, ordered by id."""
        return [prompt for prompt in self.prompts if prompt.prompt_set == prompt_set]


def load_track(name_or_path: str | Path) -> Track:
    """Find and read a track pack.

    Args:
        name_or_path: a pack's folder; or the name of a track that lies in `$HMU_CACHE/tracks` or
            is embedded in the package.

    Raises:
        InputError: if there is none, or one of its files is missing, damaged or not the one that
            `track.yaml` names by hash.
    """
    return read_track(_find(name_or_path))


def read_track(folder: Path) -> Track:
    """Read the pack in a folder (see `load_track`)."""
    if not folder.is_dir():
        raise InputError("there is no track pack", where=folder, fix="give the pack's folder")
    track_file = require_inside(folder / TRACK_FILE, folder)
    info = read_yaml_model(track_file, TrackInfo)
    for name, expected in info.files.items():
        path = require_inside(folder / name, folder)
        if not path.is_file():
            raise InputError("the file does not exist", where=path, fix="copy the whole pack")
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise InputError(
                f"the file has {size:,} bytes; {MAX_FILE_BYTES:,} at most are read", where=path
            )
        if sha256_file(path) != expected:
            raise InputError(
                "the content is not what track.yaml names (sha256)",
                where=path,
                fix="copy or build the pack again",
            )
    prompts = read_prompts(folder / PROMPTS_FILE, info)
    return Track(info, prompts, folder, sha256_file(track_file))


def write_track(
    folder: Path,
    facts: Mapping[str, Any],
    prompts: Sequence[Prompt],
    reference: Mapping[str, SetReference],
    statistics: TrackStatistics | None = None,
) -> TrackInfo:
    """Write a pack whole (an older one in its place is replaced).

    Args:
        folder: the pack's folder.
        facts: what `track.yaml` says, without `prompts` and `files`, which are counted here.
        prompts: ordered by id.
        reference: statistics per prompt set.
        statistics: of the real motions as a whole.

    Returns:
        `track.yaml` as written.

    Raises:
        InputError: if the facts do not make a valid `track.yaml`.
    """
    from safetensors.numpy import save

    with staged_directory(folder) as staging:
        write_prompts(prompts, staging / PROMPTS_FILE)
        (staging / REFERENCE_FILE).write_bytes(save(to_tensors(reference, statistics)))
        files = {name: sha256_file(staging / name) for name in (PROMPTS_FILE, REFERENCE_FILE)}
        counts = Counter(prompt.prompt_set for prompt in prompts)
        sets = {name: counts[name] for name in PROMPT_SETS if name in counts}
        info = _info(folder, {**facts, "prompts": sets, "files": files})
        text = write_yaml(info.model_dump(mode="json"))
        (staging / TRACK_FILE).write_text(text, encoding="utf-8")
    return info


def check_facts(folder: Path, facts: Mapping[str, Any]) -> None:
    """Refuse what `write_track` would refuse, before the long work that comes before it."""
    files = dict.fromkeys((PROMPTS_FILE, REFERENCE_FILE), "0" * 64)
    _info(folder, {**facts, "prompts": {"forget": 1}, "files": files})


def _info(folder: Path, content: dict[str, Any]) -> TrackInfo:
    try:
        return TrackInfo.model_validate(content)
    except ValidationError as error:
        raise bad_model(error, folder / TRACK_FILE) from error


def cached_tracks() -> Path:
    """`$HMU_CACHE/tracks`: packs that lie here load by name."""
    return cache_folder() / "tracks"


def known_tracks() -> dict[str, Path]:
    """Name -> folder of the tracks that can be loaded by name."""
    found: dict[str, Path] = {}
    for root in (EMBEDDED, cached_tracks()):
        if root.is_dir():
            found |= {p.name: p for p in sorted(root.iterdir()) if (p / TRACK_FILE).is_file()}
    return found


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.is_dir() or not _NAME.fullmatch(str(name_or_path)):
        return path
    known = known_tracks()
    if path.name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise InputError(
            f"there is no track {str(name_or_path)!r}",
            fix=f"give a pack's folder or one of: {names}",
        )
    return known[path.name]
