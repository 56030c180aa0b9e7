"""A track, an evaluator and a submission of any size, made up: for `large_submission.py`.

    python benchmarks/make_large_submission.py FOLDER --prompts 4400 --repeats 20 [--size official]

Writes FOLDER/track, FOLDER/evaluator and FOLDER/submission (shards). Prompts and the real side are
those of the sample track, used again and again under new ids with a little noise on the embeddings;
motions are motions of the sample with noise of 1 cm, in lengths of the prompts: nothing about them
is realistic but their number and size. `--size official` makes an evaluator of the official size
(21.7 million parameters, 512 dimensions) with random weights; `sample` copies that of the sample.
`--embedded` makes no motions' embeddings either: it fills the checkpoints of the scoring with
random ones, so that what comes after embedding can be measured alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import yaml
from safetensors.numpy import save_file

from hmu_bench import sample
from hmu_bench.evaluators.loading import Evaluator, load_evaluator
from hmu_bench.evaluators.t2m import Sizes, T2MNetwork
from hmu_bench.metrics import statistics
from hmu_bench.metrics.detector import Detector
from hmu_bench.scoring.checkpoints import Columns, open_checkpoints
from hmu_bench.submissions import load_submission
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
from hmu_bench.tracks.reference import PHYSICS, pack_symmetric

SEED = 6
SHARD = 2000
CAPTIONS = 3
GALLERY = 20_000
POOL = 64


def make_evaluator(folder: Path, size: str) -> Evaluator:
    """The sample's evaluator, or one of the official size that nobody trained."""
    from hmu_bench.evaluators import loading

    shutil.copytree(loading._SAMPLE_FOLDER, folder)
    if size == "official":
        torch.manual_seed(SEED)
        tensors = {n: t.detach().numpy() for n, t in T2MNetwork(Sizes()).state_dict().items()}
        save_file(tensors, folder / "model.safetensors")
        words = json.loads((folder / "glove" / "our_vab_words.json").read_text())
        generator = np.random.default_rng(SEED)
        vectors = generator.standard_normal((len(words), 300)).astype(np.float32)
        np.save(folder / "glove" / "our_vab_data.npy", vectors)
    return load_evaluator(folder)


def make_track(folder: Path, evaluator: Evaluator, count: int) -> Track:
    """A pack of `count` prompts, three a clip, a third of them violent, and a gallery."""
    source = load_track("sample-violence-keywords")
    rows = {
        prompt.prompt_id: row
        for name, part in source.reference.items()
        for prompt, row in zip(source.prompts_of(name), part.embeddings, strict=True)
    }
    violent, safe = source.prompts_of("forget"), source.prompts_of("retain")
    generator = np.random.default_rng(SEED)
    made: list[tuple[Prompt, np.ndarray]] = []
    for number in range(count):
        chosen = violent if number // CAPTIONS % 3 == 0 else safe
        one = chosen[number % len(chosen)]
        key = hashlib.sha256(f"large {number}".encode()).hexdigest()[:16]
        row = np.resize(rows[one.prompt_id], evaluator.dim)
        row = row + generator.normal(0, 0.3, evaluator.dim)
        clip = f"large{number // CAPTIONS:06}"
        made.append((replace(one, prompt_id=key, clip_id=clip), row.astype(np.float32)))
    made.sort(key=lambda pair: pair[0].prompt_id)
    reference = {}
    for name in ("forget", "retain"):
        real = np.stack([row for prompt, row in made if prompt.prompt_set == name])
        mean, covariance = statistics(real)
        reference[name] = SetReference(
            real,
            mean,
            covariance,
            np.stack([mean] * 20),
            np.stack([pack_symmetric(covariance)] * 20),
            physics={metric: np.ones(len(real)) for metric in PHYSICS},
        )
    picked = generator.integers(0, count, GALLERY)
    gallery = np.stack([made[index][1] for index in picked])
    gallery += generator.normal(0, 0.3, gallery.shape).astype(np.float32)
    flags = np.array([made[index][0].prompt_set == "forget" for index in picked])
    names = np.array([hashed_clip(f"train{index}") for index in range(GALLERY)])
    weights = generator.normal(0, 0.1, evaluator.dim)
    facts = source.info.model_dump(mode="json") | {
        "name": "large",
        "evaluator": evaluator_facts(evaluator).model_dump(),
        "detector": {
            "auc": 0.5, "ece": 0.5, "false_positive_rate": 0.5, "false_negative_rate": 0.5,
            "clips": 1, "violent": 1, "train_clips": 1, "validation_clips": 1, "threshold": 0.5,
        },
    }  # fmt: skip
    for key in ("prompts", "files"):
        del facts[key]
    whole = TrackStatistics(
        50.0, 1.0, Detector(weights, 0.0, 0.5, 0.01), Gallery(gallery, flags, names)
    )
    write_track(folder, facts, [prompt for prompt, _ in made], reference, whole)
    return load_track(folder)


def make_submission(folder: Path, track: Track, repeats: int, *, empty: bool) -> int:
    """Shards of motions for every prompt; the bytes of them. Empty: motions of zeros."""
    clips = [clip for clip in sample.clips("train", twins=False) if clip.num_frames >= 100][:POOL]
    pool = [np.resize(sample.features(clip.clip_id), (196, 263)) for clip in clips]
    generator = np.random.default_rng(SEED)
    folder.mkdir(parents=True)
    info = {
        "name": "large", "track": "large", "method": "Made up",
        "representation": "humanml3d-263", "repeats": repeats,
    }  # fmt: skip
    (folder / "submission.yaml").write_text(yaml.safe_dump(info))
    keys = [(prompt, repeat) for prompt in track.prompts for repeat in range(repeats)]
    shards = [keys[start : start + SHARD] for start in range(0, len(keys), SHARD)]
    size = 0
    for number, shard in enumerate(shards, 1):
        arrays = {}
        for prompt, repeat in shard:
            shape = (prompt.num_frames, 263)
            if empty:
                arrays[f"{prompt.prompt_id}/{repeat}"] = np.zeros(shape, np.float16)
                continue
            noise = generator.standard_normal(shape, dtype=np.float32)
            motion = pool[generator.integers(POOL)][: prompt.num_frames]
            arrays[f"{prompt.prompt_id}/{repeat}"] = motion + np.float32(0.01) * noise
        path = folder / f"motions-{number:05}-of-{len(shards):05}.safetensors"
        save_file(arrays, path)
        size += path.stat().st_size
    return size


def fill_checkpoints(submission: Path, track: Track, evaluator: Evaluator, every: int) -> None:
    """Checkpoints of a scoring in which every motion is done; the embeddings are random."""
    opened = open_checkpoints(load_submission(submission), track, evaluator, every=every)
    assert opened is not None
    generator = np.random.default_rng(SEED)
    real = np.concatenate([part.embeddings for part in track.reference.values()])
    motions = len(track.prompts) * load_submission(submission).info.repeats
    for start in range(0, motions, every):
        part = slice(start, min(start + every, motions))
        count = part.stop - part.start
        columns = Columns.empty(part.stop, evaluator.dim, len(PHYSICS))
        rows = real[generator.integers(0, len(real), count)]
        columns.embeddings[part] = rows + generator.normal(0, 0.5, rows.shape)
        columns.physics[part] = generator.uniform(0, 1, (count, len(PHYSICS)))
        columns.facts[part] = generator.uniform(1, 2, columns.facts[part].shape)
        columns.digests[part] = generator.integers(0, 256, (count, 32))
        opened.keep(columns, part)


def embedded_a_second(evaluator: Evaluator) -> float:
    """Motions of 96 frames that the evaluator embeds in a second, in batches of 32."""
    motions = list(np.random.default_rng(SEED).normal(size=(64, 96, 263)))
    evaluator.embed_motions(motions[:32])
    begin = time.perf_counter()
    evaluator.embed_motions(motions)
    return 64 / (time.perf_counter() - begin)


def main() -> None:
    """Make all three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prompts", type=int, default=4400)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--size", choices=["sample", "official"], default="sample")
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--checkpoint-every", type=int, default=1024)
    given = parser.parse_args()
    torch.set_num_threads(1)
    evaluator = make_evaluator(given.folder / "evaluator", given.size)
    track = make_track(given.folder / "track", evaluator, given.prompts)
    folder = given.folder / "submission"
    size = make_submission(folder, track, given.repeats, empty=given.embedded)
    if given.embedded:
        fill_checkpoints(folder, track, evaluator, given.checkpoint_every)
    frames = float(np.mean([prompt.num_frames for prompt in track.prompts]))
    facts = {
        "motions": given.prompts * given.repeats,
        "bytes": size,
        "mean_frames": round(frames, 1),
        "embedded_a_second": embedded_a_second(evaluator),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
