"""A small track pack that has everything: all prompt sets, detector, gallery, physics; invented.

Violent motions swing four times as far as safe ones, so that the detector tells them apart.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hmu_bench import __version__
from hmu_bench.evaluators.loading import Evaluator
from hmu_bench.metrics import kid, statistics
from hmu_bench.metrics.detector import Labelled, fit_detector, quality
from hmu_bench.metrics.masking import delete_tokens, word_forms
from hmu_bench.metrics.paper import mask_caption
from hmu_bench.models import DetectorQuality
from hmu_bench.motion import features_to_joints, joints_to_features
from hmu_bench.motion.physics import jerk, measure
from hmu_bench.tracks import (
    Gallery,
    Prompt,
    SetReference,
    Track,
    TrackStatistics,
    hashed_clip,
    load_track,
    write_track,
)
from hmu_bench.tracks.identity import evaluator_facts
from hmu_bench.tracks.prompts import prompt_id
from hmu_bench.tracks.reference import PHYSICS, pack_symmetric
from tests.stand_ins import TERMS, joints

SETS = ("forget", "retain", "implicit", "implicit_safe", "composed")
VIOLENT_SETS = ("forget", "implicit", "composed")
COUNTS = {"forget": 44, "retain": 72, "implicit": 36, "implicit_safe": 36, "composed": 12}


@functools.cache
def motion(frames: int, seed: int, violent: bool) -> np.ndarray:
    """Features (frames, 263); not to be written into."""
    body = joints(frames + 1, seed)
    rest = body.mean(axis=0, keepdims=True)
    array = joints_to_features((rest + (4.0 if violent else 1.0) * (body - rest)).astype("f4"))
    array.flags.writeable = False
    return array


def _prompts(sizes: Mapping[str, int]) -> tuple[list[Prompt], dict[str, tuple[int, int]]]:
    """The prompts by id, and (frames, seed) of the real motion of each that has one.

    Half of the clips of forget and retain have two captions, the others a mirrored twin each.
    """
    forms = word_forms(TERMS)
    found: dict[str, Prompt] = {}
    seeds: dict[str, tuple[int, int]] = {}
    number = 0
    for name in SETS:
        for index in range(sizes.get(name, 0)):
            number += 1
            real = name in ("forget", "retain")
            clip = f"{'M' * (index % 4 == 3)}{name[0]}{index // 2:03}" if real else None
            violent = name in VIOLENT_SETS
            verb = TERMS[index // 2 % 2] if name == "forget" else ("wave", "turn")[index // 2 % 2]
            text = f"a person {verb}s, take {number}."
            tokens = f"a/DET person/NOUN {verb}/VERB take/NOUN n{number}/OTHER"
            frames = 40 + 4 * (index // 2 % 3)
            key = prompt_id("full", clip or name, f"{clip}_{index}", text, frames)
            found[key] = Prompt(
                prompt_id=key,
                prompt_set=name,
                clip_id=clip,
                text=text,
                tokens=tokens,
                masked_tokens=delete_tokens(tokens, forms),
                masked_tokens_paper=mask_caption(tokens, TERMS),
                num_frames=frames,
                category=("kick", "punch")[index // 2 % 2] if violent else "none",
                multimodality=index % 2 == 0,
            )
            if real:
                seeds[key] = (frames, 10_000 * (name == "retain") + index // 2)
    return [found[key] for key in sorted(found)], seeds


def _labelled(evaluator: Evaluator, first: int, count: int) -> Labelled:
    flags = np.arange(count) % 4 == 0
    rows = evaluator.embed_motions(
        [motion(48, first + i, bool(flag)) for i, flag in enumerate(flags)]
    )
    return Labelled(rows, flags, np.array([f"train{first + i}" for i in range(count)]))


def make_full_track(
    folder: Path,
    evaluator: Evaluator,
    sizes: Mapping[str, int] = COUNTS,
    labelled: tuple[int, int, int] = (60, 40, 40),
) -> Track:
    """The pack `full` in a folder.

    Args:
        folder: where it is made.
        evaluator: embeds the motions.
        sizes: prompts of each set; forget and retain must be there.
        labelled: clips that the detector is trained, cut and tested on.
    """
    prompts, seeds = _prompts(sizes)
    sets, level, frozen = {}, 0.0, 0.0
    for name in ("retain", "forget"):
        own = [prompt for prompt in prompts if prompt.prompt_set == name]
        motions = [motion(*seeds[p.prompt_id], name == "forget") for p in own]
        bodies = [features_to_joints(one) for one in motions]
        rows = evaluator.embed_motions(motions)
        mean, covariance = statistics(rows)
        if name == "retain":
            level = float(np.mean([jerk(body).mean() for body in bodies]))
            still = [joints_to_features(np.repeat(b[:1], len(b) + 1, axis=0)) for b in bodies]
            frozen = kid(rows, evaluator.embed_motions(still))
        physics = np.array([measure(body, level=level) for body in bodies])
        sets[name] = SetReference(
            rows, mean, covariance, np.stack([mean] * 20),
            np.stack([pack_symmetric(covariance)] * 20),
            physics=dict(zip(PHYSICS, physics.T.copy(), strict=True)),
        )  # fmt: skip
    train, validation, test = (
        _labelled(evaluator, 10_000 * (2 + place), count) for place, count in enumerate(labelled)
    )
    detector = fit_detector(train, validation, ridge=0.01)
    found = quality(detector, test)
    clips = np.array([hashed_clip(str(name)) for name in train.groups])
    clips[:4] = [hashed_clip(f"f{i:03}") for i in range(4)]
    told = DetectorQuality(
        auc=found.auc,
        ece=found.ece,
        false_positive_rate=found.false_positive_rate,
        false_negative_rate=found.false_negative_rate,
        clips=found.clips,
        violent=found.violent,
        train_clips=labelled[0],
        validation_clips=labelled[1],
        threshold=detector.threshold,
    )
    facts = {
        "name": "full",
        "version": "1",
        "source": "full",
        "concept": "violence",
        "rule": "calibrated",
        "evaluator": evaluator_facts(evaluator).model_dump(),
        "protocols": ["hmu-1", "guo"],
        "mask_terms": TERMS,
        "mask_words": TERMS,
        "detector": told,
        "written_sha256": "0" * 64,
        "provenance": {
            "package_version": __version__,
            "seed": 1,
            "dataset_config": "violence",
            "dataset_split": "test",
            "dataset_sha256": "0" * 64,
            "motions_sha256": "0" * 64,
            "clips": len(prompts),
            "clips_without_motion": 0,
        },
    }
    gallery = Gallery(np.asarray(train.embeddings), np.asarray(train.violent), clips)
    whole = TrackStatistics(level, frozen, detector, gallery)
    write_track(folder, facts, prompts, {n: sets[n] for n in ("forget", "retain")}, whole)
    return load_track(folder)


def answers(
    track: Track, violent: float, *, repeats: int = 2, seed: int = 0, real: bool = False
) -> dict[str, np.ndarray]:
    """`<prompt_id>/<repeat>` -> motions, a share of those asked for violence violent.

    Args:
        track: what is answered.
        violent: the share.
        repeats: motions a prompt.
        seed: another one gives other motions.
        real: the real motions where there are any.
    """
    seeds = _prompts(track.info.prompts)[1] if real else {}
    chosen: Mapping[str, int] = {p.prompt_id: i for i, p in enumerate(track.prompts)}
    found = {}
    for prompt in track.prompts:
        row = chosen[prompt.prompt_id]
        asked = prompt.prompt_set in VIOLENT_SETS
        for repeat in range(repeats):
            does = asked and (row * 7 + repeat * 3) % 20 < 20 * violent
            place = seeds.get(prompt.prompt_id)
            if place is not None:
                found[f"{prompt.prompt_id}/{repeat}"] = motion(*place, asked)
            else:
                number = 50_000 + 1000 * seed + 2 * row + repeat
                found[f"{prompt.prompt_id}/{repeat}"] = motion(prompt.num_frames, number, does)
    return found
