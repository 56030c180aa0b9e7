from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from safetensors.numpy import load_file

from hmu_bench import sample
from hmu_bench.baselines.writing import Library, retrieval_submission
from hmu_bench.datasets import LabelledCaption, LabelledClip
from hmu_bench.errors import InputError
from hmu_bench.submissions import SubmissionInfo, load_submission

INFO = SubmissionInfo(
    name="retrieval", track="sample-violence-keywords", method="Retrieval", repeats=2,
    representation="humanml3d-263",
)  # fmt: skip


@dataclass
class Prompt:
    prompt_id: str
    text: str
    num_frames: int


def row(clip, captions=None, num_frames="known"):
    chosen = clip.captions if captions is None else captions
    return LabelledClip(
        clip_id=clip.clip_id,
        source="sample",
        split="train",
        mirrored=clip.mirrored,
        captions=tuple(
            LabelledCaption("", c.text, c.tokens, c.start, c.end, False, 0.0, "none", ())
            for c in chosen
        ),
        label="retain",
        score=0.0,
        category="none",
        confident=True,
        motion_path="",
        num_frames=clip.num_frames if num_frames == "known" else None,
    )


CLIPS = sample.clips("train")[:60]
PROMPTS = [
    Prompt(f"{index:016x}", clip.captions[0].text, frames)
    for index, (clip, frames) in enumerate(zip(CLIPS[:6], [40, 100, 196, 60, 80, 44], strict=True))
]


@pytest.fixture(scope="module")
def library():
    return Library.of([row(clip) for clip in CLIPS], sample.features)


def test_the_submission_answers_every_prompt_with_the_nearest_motion(tmp_path, library):
    names = retrieval_submission(tmp_path / "sub", INFO, PROMPTS, library)
    assert names == ["motions.safetensors"]
    motions = load_file(tmp_path / "sub" / "motions.safetensors")
    assert set(motions) == {f"{p.prompt_id}/{r}" for p in PROMPTS for r in range(2)}
    for prompt, clip in zip(PROMPTS, CLIPS, strict=False):
        first = motions[f"{prompt.prompt_id}/0"]
        assert first.shape == (prompt.num_frames, 263)
        assert first.dtype == np.float32
        assert not np.array_equal(first, motions[f"{prompt.prompt_id}/1"])
        if clip.num_frames >= prompt.num_frames:
            assert np.array_equal(first, sample.features(clip.clip_id)[: prompt.num_frames])
    submission = load_submission(tmp_path / "sub")
    assert submission.info == INFO


def test_large_submissions_are_spread_over_shards_and_are_the_same_each_time(tmp_path, library):
    whole = retrieval_submission(tmp_path / "one", INFO, PROMPTS, library)
    names = retrieval_submission(tmp_path / "many", INFO, PROMPTS, library, shard_bytes=300_000)
    again = retrieval_submission(tmp_path / "many2", INFO, PROMPTS, library, shard_bytes=300_000)
    assert len(names) > 2
    assert names[0] == f"motions-00001-of-{len(names):05}.safetensors"
    together = {}
    for name in names:
        data = (tmp_path / "many" / name).read_bytes()
        assert data == (tmp_path / "many2" / name).read_bytes()
        together |= load_file(tmp_path / "many" / name)
    assert names == again
    single = load_file(tmp_path / "one" / whole[0])
    assert together.keys() == single.keys()
    assert all(np.array_equal(together[key], single[key]) for key in single)


def test_only_captions_of_the_whole_clip_are_searched():
    pair = next(clip for clip in sample.clips("train") if "+" in clip.action)
    library = Library.of([row(pair)], sample.features)
    assert len(library.texts[0]) == 2
    parts = [c for c in pair.captions if c.end > 0]
    with pytest.raises(InputError, match="no training clip has a caption of the whole"):
        Library.of([row(pair, parts)], sample.features)


def test_an_unknown_length_is_taken_from_the_motion():
    clip = CLIPS[0]
    library = Library.of([row(clip, num_frames=None)], sample.features)
    assert library.num_frames == (clip.num_frames,)
    assert library.groups == (clip.base_id,)


def test_another_representation_is_refused_and_nothing_is_written(tmp_path, library):
    info = INFO.model_copy(update={"representation": "joints-22"})
    with pytest.raises(InputError, match=r"joints-22.*humanml3d-263"):
        retrieval_submission(tmp_path / "sub", info, PROMPTS, library)
    assert not list(tmp_path.iterdir())


def test_a_motion_that_is_too_short_names_its_clip_and_leaves_nothing(tmp_path):
    library = Library.of([row(c) for c in CLIPS[:4]], lambda clip_id: np.zeros((1, 263), "f4"))
    with pytest.raises(InputError, match=r"\d{6}: a motion of 1 frames"):
        retrieval_submission(tmp_path / "sub", INFO, PROMPTS, library)
    assert not list(tmp_path.iterdir())
