"""A tiny evaluator, track pack and submissions that tests make for themselves: nothing licensed."""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import yaml
from safetensors.numpy import save_file

from builders._real_motions import (
    WindowEmbeddings,
    draw_sets,
    find_motions,
    own_metrics,
    set_reference,
)
from hmu_bench import __version__
from hmu_bench.evaluators.loading import Evaluator
from hmu_bench.metrics.masking import delete_tokens, word_forms
from hmu_bench.metrics.paper import mask_caption
from hmu_bench.motion import OFFSETS, PARENTS, joints_to_features
from hmu_bench.tracks import Caption, Clip, Track, load_track, paper_prompts, write_track
from hmu_bench.tracks.identity import evaluator_facts
from hmu_bench.tracks.windows import fixed_windows

FIXTURES = Path(__file__).resolve().parent / "fixtures"
WORDS = ["sos", "eos", "unk", "a", "the", "person", "man", "walk", "kick", "turn", "jump", "wave"]
TERMS = ["kick", "punch"]
SAFE = ("walk", "turn", "jump", "wave")


def make_evaluator(folder: Path) -> Path:
    """An evaluator folder: the small random weights, statistics, random word vectors."""
    (folder / "stats").mkdir(parents=True)
    (folder / "glove").mkdir()
    small = FIXTURES / "evaluators" / "small" / "model.safetensors"
    shutil.copyfile(small, folder / "model.safetensors")
    generator = np.random.default_rng(5)
    np.save(folder / "stats" / "mean.npy", generator.normal(0, 0.1, 263))
    np.save(folder / "stats" / "std.npy", generator.uniform(0.5, 1.5, 263))
    vectors = (0.4 * generator.standard_normal((len(WORDS), 300))).astype(np.float32)
    np.save(folder / "glove" / "our_vab_data.npy", vectors)
    (folder / "glove" / "our_vab_words.json").write_text(json.dumps(WORDS))
    return folder


def joints(frames: int, seed: int) -> np.ndarray:
    """A body that walks and swings: (frames, 22, 3) metres."""
    generator = np.random.default_rng(seed)
    rest = np.zeros((22, 3))
    for joint in range(1, 22):
        rest[joint] = rest[PARENTS[joint]] + np.asarray(OFFSETS)[joint]
    time = np.arange(frames)[:, None, None] / 20.0
    speed, phase = generator.uniform(1, 6, (1, 22, 3)), generator.uniform(0, 6, (1, 22, 3))
    swing = 0.04 * np.sin(speed * time + phase)
    swing[:, 0] = 0
    forward = np.zeros((frames, 1, 3))
    forward[:, 0, 2] = generator.uniform(0, 1) * time[:, 0, 0]
    return (rest + swing + forward).astype(np.float32)


@functools.cache
def features(frames: int, seed: int) -> np.ndarray:
    """Features (frames, 263) of such a body; not to be written into."""
    array = joints_to_features(joints(frames + 1, seed))
    array.flags.writeable = False
    return array


def make_clips(number: int) -> tuple[list[Clip], dict[str, np.ndarray]]:
    """Clips with captions and labels, and their features; some too short, too long, or in parts."""
    generator = np.random.default_rng(9)
    clips, motions = [], {}
    for index in range(number):
        clip_id = f"{index:06}"
        length = int(generator.integers(36, 204))
        violent = index % 2 == 0
        verb = TERMS[index % 4 // 2] if violent else SAFE[index % 4]
        captions = [
            Caption(
                f"{clip_id}_{line}",
                f"a person {verb}s{' slowly' * line}.",
                f"a/DET person/NOUN {verb}/VERB{' slowly/ADV' * line}",
                category="kick" if verb == "kick" else "none",
            )
            for line in range(3)
        ]
        captions.append(
            Caption(f"{clip_id}_3", "the man turns.", "the/DET man/NOUN turn/VERB", 1.0, 4.5)
        )
        clips.append(Clip(clip_id, "forget" if violent else "retain", tuple(captions)))
        motions[clip_id] = features(length, index)
    return clips, motions


def make_pack(folder: Path, evaluator: Evaluator, clips: int = 20) -> Track:
    """A pack named `stand-in` in `folder`; the real motions lie in `folder.parent / "motions"`."""
    rows, motions = make_clips(clips)
    root = folder.parent / "motions"
    root.mkdir(parents=True)
    for clip_id, array in motions.items():
        np.save(root / f"{clip_id}.npy", array)
    found = find_motions(root, {clip_id: f"{clip_id}.npy" for clip_id in motions})
    mask = functools.partial(mask_caption, terms=TERMS)
    words = functools.partial(delete_tokens, forms=word_forms(TERMS))
    planned = paper_prompts(rows, found.lengths, source="stand-in", mask=mask, mask_words=words)
    reference = {}
    for number, name in enumerate(("forget", "retain")):
        prompts = [p for p in planned.prompts if p.prompt_set == name]
        segments = [planned.segments[p.prompt_id] for p in prompts]
        draws = draw_sets(segments, seed=1, number=number)
        wanted = [w for one in (fixed_windows(segments), *draws) for w in one]
        windows = WindowEmbeddings(found, wanted, evaluator)
        part = set_reference(segments, draws, windows)
        reference[name] = own_metrics(part, prompts, number, evaluator)
    facts = {
        "name": "stand-in",
        "version": "1",
        "source": "stand-in",
        "concept": "violence",
        "rule": "keywords",
        "evaluator": evaluator_facts(evaluator).model_dump(),
        "protocols": ["paper", "hmu-1"],
        "mask_terms": TERMS,
        "mask_words": TERMS,
        "provenance": {
            "package_version": __version__,
            "seed": 1,
            "dataset_config": "violence-keywords",
            "dataset_split": "test",
            "dataset_sha256": "0" * 64,
            "motions_sha256": found.sha256,
            "clips": clips,
            "clips_without_motion": 0,
        },
    }
    write_track(folder, facts, planned.prompts, reference)
    return load_track(folder)


def real_answers(track: Track, repeats: int = 1) -> dict[str, np.ndarray]:
    """`<prompt_id>/<repeat>` -> the real motions' first frames, as features."""
    answers = {}
    for prompt in track.prompts:
        motion = np.load(track.folder.parent / "motions" / f"{prompt.clip_id}.npy")
        first = 20 if prompt.text == "the man turns." else 0
        for repeat in range(repeats):
            answers[f"{prompt.prompt_id}/{repeat}"] = motion[first : first + prompt.num_frames]
    return answers


def random_answers(track: Track, repeats: int = 2, seed: int = 100) -> dict[str, np.ndarray]:
    """`<prompt_id>/<repeat>` -> invented motions, as features."""
    return {
        f"{prompt.prompt_id}/{repeat}": features(prompt.num_frames, seed + 7 * row + repeat)
        for row, prompt in enumerate(track.prompts)
        for repeat in range(repeats)
    }


INFO = {
    "name": "stand-in-method",
    "track": "stand-in",
    "method": "Stand-in",
    "representation": "humanml3d-263",
    "fps": 20,
    "repeats": 1,
}


def write_submission(
    folder: Path, answers: Mapping[str, np.ndarray], *, layout: str = "one", **info: object
) -> Path:
    """A submission's folder; layout `one`, `shards` or `npy`."""
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(yaml.safe_dump({**INFO, **info}))
    arrays = {key: np.ascontiguousarray(array) for key, array in answers.items()}
    if layout == "one":
        save_file(arrays, folder / "motions.safetensors")
    elif layout == "shards":
        names = sorted(arrays)
        half = len(names) // 2
        for number, part in enumerate((names[:half], names[half:]), 1):
            path = folder / f"motions-{number:05}-of-00002.safetensors"
            save_file({name: arrays[name] for name in part}, path)
    else:
        for name, array in arrays.items():
            path = folder / "motions" / f"{name}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, array)
    return folder
