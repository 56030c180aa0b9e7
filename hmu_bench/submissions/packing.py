"""A submission in one of its layouts -> the same in safetensors, ready to be sent."""

from __future__ import annotations

from pathlib import Path

from hmu_bench.errors import InputError
from hmu_bench.files import read_bounded, require_inside, staged_directory
from hmu_bench.progress import Progress, silent
from hmu_bench.submissions.loading import Submission
from hmu_bench.submissions.reading import SINGLE, Entry, MotionReader
from hmu_bench.submissions.schema import MAX_SUBMISSION_BYTES, SUBMISSION_FILE

# A shard is held in memory while it is written.
SHARD_BYTES = 256 << 20


def pack(
    submission: Submission,
    out: Path,
    *,
    shard_bytes: int = SHARD_BYTES,
    progress: Progress = silent,
) -> list[str]:
    """Write the submission into a folder of its own, its motions as safetensors.

    The arrays are copied as they are (type and representation); whether they answer a track is
    for `validate` to say.

    Args:
        submission: in any layout.
        out: a folder that is not there yet.
        shard_bytes: largest size of a shard; one file if all fits into it.
        progress: shows how far it is.

    Returns:
        The names of the files of motions.

    Raises:
        InputError: if the folder is there, or a motion cannot be read.
    """
    from safetensors.numpy import save

    if out.exists():
        raise InputError("is there already", where=out, fix="give a new folder")
    entries = sorted(submission.listing.entries.values(), key=lambda e: (e.prompt_id, e.repeat))
    with MotionReader(submission.folder) as reader:
        shards = _shards(reader, entries, shard_bytes)
        names = _names(len(shards))
        with staged_directory(out) as staging:
            path = require_inside(submission.folder / SUBMISSION_FILE, submission.folder)
            info = read_bounded(path, MAX_SUBMISSION_BYTES)
            (staging / SUBMISSION_FILE).write_bytes(info)
            files = list(zip(names, shards, strict=True))
            for name, shard in progress(files, "files"):
                content = save({entry.name: reader.read(entry) for entry in shard})
                (staging / name).write_bytes(content)
    return names


def _shards(reader: MotionReader, entries: list[Entry], limit: int) -> list[list[Entry]]:
    shards: list[list[Entry]] = [[]]
    filled = 0
    for entry in entries:
        size = reader.read(entry).nbytes
        if shards[-1] and filled + size > limit:
            shards.append([])
            filled = 0
        shards[-1].append(entry)
        filled += size
    return shards


def _names(count: int) -> list[str]:
    if count == 1:
        return [SINGLE]
    return [f"motions-{number:05}-of-{count:05}.safetensors" for number in range(1, count + 1)]
