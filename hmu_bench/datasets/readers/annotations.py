"""Unified annotations: `{id: {path, duration, annotations: [{seg_id, text, start, end}]}}`.

The format of Mathux/TMR, in which KIT-ML and HumanML3D come too. Times are seconds into the file
that `path` names; an annotation as long as the clip (to one frame at 20 fps) is about the whole
clip and gets start and end 0, as in HumanML3D texts.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from hmu_bench.datasets.model import BY_RULES, Caption, Clip, Problem, check_name
from hmu_bench.datasets.readers.lines import MAX_LINE
from hmu_bench.datasets.readers.source import BadLine, SourceClips, mirrored_ids, seconds
from hmu_bench.errors import InputError
from hmu_bench.files import read_text, sha256_bytes
from hmu_bench.json_files import parse_json
from hmu_bench.progress import Progress, silent
from hmu_bench.text.tokens import rule_tokens

MAX_BYTES = 64 << 20
"""Read, JSON takes up to forty times its size in memory."""
FRAME_SECONDS = 0.05


def read_annotations(path: Path, progress: Progress = silent) -> SourceClips:
    """Read an annotations file.

    Raises:
        InputError: if it is missing, too large, not UTF-8, no JSON, or no mapping of clips.
    """
    data = parse_json(read_text(path, MAX_BYTES), path, mapping=_mapping, allow_nan=True)
    if not isinstance(data, dict) or not data:
        raise InputError("the file must hold a mapping: clip id -> annotations", where=path)
    repeated = data.repeated if isinstance(data, _Repeated) else frozenset()
    problems: list[Problem] = []
    clips = []
    mirrored = mirrored_ids(list(data))
    for clip_id in progress(sorted(data), "reading annotations"):
        try:
            if clip_id in repeated:
                raise BadLine("the key is given twice", kind="duplicate id")
            clips.append(_clip(clip_id, data[clip_id], clip_id in mirrored))
        except BadLine as error:
            where, name = str(path), "annotations.json"
            problems.append(Problem(error.kind, str(error), where, name, None, clip_id, clip_id))
    digest = sha256_bytes(json.dumps(data, sort_keys=True).encode())
    return SourceClips(clips, problems, "annotations", digest, files=1)


class _Repeated(dict[str, Any]):
    """A mapping whose text gives some keys twice."""

    repeated: frozenset[str]


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    marked = _Repeated(value)
    counts = Counter(key for key, _ in pairs)
    marked.repeated = frozenset(key for key, count in counts.items() if count > 1)
    return marked


def _clip(clip_id: str, entry: object, mirrored: bool) -> Clip:
    if wrong := check_name(clip_id):
        raise BadLine(f"the key {wrong}")
    if not isinstance(entry, dict) or isinstance(entry, _Repeated):
        raise BadLine("the value is no mapping with `annotations`, or gives a key twice")
    annotations = entry.get("annotations")
    if not isinstance(annotations, list):
        raise BadLine("`annotations` is missing or no list")
    if not annotations:
        raise BadLine("`annotations` is empty", kind="no captions")
    duration = _number(entry, "duration") if entry.get("duration") is not None else None
    captions = tuple(
        _caption(f"{clip_id}_{number}", item, duration) for number, item in enumerate(annotations)
    )
    if len({caption.caption_id for caption in captions}) < len(captions):
        raise BadLine("a seg_id is given twice")
    return Clip(clip_id, captions, mirrored, motion_path=_motion_path(entry.get("path")))


def _motion_path(path: object) -> str | None:
    if path is None:
        return None
    if not isinstance(path, str) or (wrong := check_name(path)):
        raise BadLine("`path` is no text" if not isinstance(path, str) else f"`path` {wrong}")
    return f"{path}.npy"


def _caption(default_id: str, item: object, duration: float | None) -> Caption:
    if not isinstance(item, dict) or isinstance(item, _Repeated):
        raise BadLine("an annotation is no mapping with `text`, or gives a key twice")
    text, caption_id = item.get("text"), item.get("seg_id", default_id)
    if not isinstance(text, str) or not text.strip():
        raise BadLine("the `text` of an annotation is missing or blank")
    if not isinstance(caption_id, str) or check_name(caption_id):
        raise BadLine(f"the `seg_id` {caption_id!r} is no name")
    start, end = _number(item, "start"), _number(item, "end")
    if duration is not None and end - start >= duration - FRAME_SECONDS:
        start = end = 0.0
    text = " ".join(text.split())
    if len(text) > MAX_LINE:
        raise BadLine(f"the `text` of an annotation is longer than {MAX_LINE:,} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadLine("the `text` of an annotation is no valid Unicode")
    return Caption(caption_id, text, rule_tokens(text), start, end, tokens_by=BY_RULES)


def _number(item: dict[str, Any], key: str) -> float:
    value = item.get(key, 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadLine(f"`{key}` is no number")
    try:
        return seconds(float(value))
    except OverflowError as error:
        raise BadLine(f"`{key}` is no number of seconds") from error
