"""A T2M evaluator for motions that have no released one: trained on an emitted dataset."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, sha256_bytes, staged_directory, write_atomic
from hmu_bench.terminal import Interrupted, say

if TYPE_CHECKING:
    from builders._evaluator_training import Options
    from builders._real_pairs import RealPairs
    from hmu_bench.evaluators.loading import Evaluator
    from hmu_bench.evaluators.word_vectors import WordVectors

FEWEST_VALIDATION = 32  # a pool of R-precision
MAX_STEPS = 10**9


def run(
    dataset: Annotated[
        Path, typer.Option(help="The dataset builder's output: holds hmu/<source>-forget, -retain.")
    ],
    source: Annotated[str, typer.Option(help="The dataset's name: humanml3d, motionx, ...")],
    motions: Annotated[
        Path,
        typer.Option(help="<clip_id>.npy: features (T,263), or joints (T,22,3) at 20 fps."),
    ],
    out: Annotated[Path, typer.Option(help="The evaluator's folder; made when all is done.")],
    word_vectors: Annotated[
        Path | None,
        typer.Option(help="Folder of our_vab files [default: vectors made of the captions]."),
    ] = None,
    word_dim: Annotated[int, typer.Option(min=8, max=1024, help="Of vectors made here.")] = 300,
    size: Annotated[
        str, typer.Option(help="official (21.7 million parameters) or small (0.3 million).")
    ] = "official",
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of weights, order, crops, dropout.")
    ] = 0,
    autoencoder_steps: Annotated[
        int,
        typer.Option(min=1, max=MAX_STEPS, help="Batches of 128 windows for the movement encoder."),
    ] = 50_000,
    epochs: Annotated[
        int, typer.Option(min=1, max=MAX_STEPS, help="Passes over the motions, matching.")
    ] = 300,
    batch_size: Annotated[int, typer.Option(min=2, max=4096, help="Motions a batch.")] = 32,
    learning_rate: Annotated[float, typer.Option(min=1e-7, max=1.0, help="The highest.")] = 1e-4,
    margin_weight: Annotated[
        float, typer.Option(min=0.0, max=1e6, help="Of the published contrastive loss.")
    ] = 1.0,
    nce_weight: Annotated[
        float,
        typer.Option(min=0.0, max=1e6, help="Of a cross-entropy over the batch; published: none."),
    ] = 0.0,
    temperature: Annotated[
        float, typer.Option(min=1e-3, max=1e6, help="Of that cross-entropy.")
    ] = 5.0,
    tune_movement: Annotated[
        bool, typer.Option("--tune-movement", help="Train the movement encoder on; published: no.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    threads: Annotated[
        int, typer.Option(min=0, max=1024, help="Of the processor; 0: torch decides.")
    ] = 0,
    cache_gib: Annotated[
        float,
        typer.Option(
            min=0.0, max=1e6, help="Memory for motions that were read; others are read anew."
        ),
    ] = 4.0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start anew, whatever was begun before.")
    ] = False,
) -> None:
    """Train a T2M evaluator on real motions and captions, and measure it on the test clips.

    First the movement autoencoder, then the matching with the contrastive margin loss (Guo et al.,
    CVPR 2022). Interrupted, the same command goes on from OUT.training/. The best state by
    validation R-precision is written: model.safetensors, stats/, glove/, quality.json.
    """
    import torch

    from builders._evaluator_checkpoints import Checkpoints
    from builders._evaluator_files import save_evaluator
    from builders._evaluator_training import train
    from builders._real_pairs import read_pairs
    from hmu_bench.evaluators.loading import load_evaluator
    from hmu_bench.progress import shown

    if threads:
        torch.set_num_threads(threads)
    started = time.monotonic()
    options = _options(
        size, seed=seed, autoencoder_steps=autoencoder_steps, epochs=epochs,
        batch_size=batch_size, learning_rate=learning_rate, margin_weight=margin_weight,
        nce_weight=nce_weight, temperature=temperature, tune_movement=tune_movement,
        device=_device(device),
    )  # fmt: skip
    parts = read_pairs(dataset, source, motions, int(cache_gib * 2**30), shown)
    _check(parts, motions)
    vectors = _vectors(word_vectors, parts["train"], word_dim)
    key = _key(parts, vectors, options)
    kept = Checkpoints(out.with_name(out.name + ".training"), key)
    if fresh:
        kept.remove()
    begun = kept.read()
    if begun:
        say(f"going on from {kept.folder}: {begun['stage']}, {begun['done']} done")
    # A machine's threads and card show in the last bits, so they are no part of the key.
    try:
        trained = train(
            parts["train"].pairs, parts["validation"].pairs, vectors, options, say, checkpoints=kept
        )
    except KeyboardInterrupt as stop:
        done = kept.read()
        if done is None:
            raise
        raise Interrupted(
            f"{done['stage']}, {done['done']} done and kept in {kept.folder}; give the same "
            "command again to go on there"
        ) from stop
    with staged_directory(out) as folder:
        save_evaluator(folder, trained, vectors)
        evaluator = load_evaluator(folder, device="cpu")
        quality = {
            **_provenance(evaluator, parts, options, vectors, torch.get_num_threads()),
            **_measure(evaluator, parts["test"]),
            "history": trained.history,
        }
        write_atomic(folder / "quality.json", canonical_json(quality))
    kept.remove()
    found = quality["test"]
    say(f"{time.monotonic() - started:.0f} s")
    if found:
        say(
            f"test, {found['motions']} motions, pools of 32: "
            + ", ".join(f"R@{k} {found[f'r_precision_{k}']:.3f}" for k in (1, 2, 3))
            + f" (chance R@3 {3 / 32:.3f}), MM-Dist {found['mm_dist']:.3f}"
        )
    else:
        say("the test split has fewer than 32 motions: nothing was measured")
    typer.echo(str(out))


def _check(parts: dict[str, RealPairs], motions: Path) -> None:
    for split, needed in (("train", 2), ("validation", FEWEST_VALIDATION)):
        if len(parts[split].pairs) < needed:
            raise InputError(
                f"the split {split!r} has {len(parts[split].pairs)} motions with captions; "
                f"{needed} are needed",
                where=motions,
                fix="check --motions, and that the dataset was built with its split lists",
            )
    for split, part in parts.items():
        if part.missing:
            say(f"{split}: {part.missing} clips have no motion file; left out")
        if part.short:
            say(f"{split}: {part.short} motions or parts are shorter than 40 frames; left out")


def _vectors(folder: Path | None, training: RealPairs, dim: int) -> WordVectors:
    from builders._word_vectors import small_word_vectors
    from hmu_bench.evaluators.word_vectors import read_word_vectors

    if folder is not None:
        return read_word_vectors(folder)
    texts = [text for captions in training.pairs.texts for text in captions]
    return small_word_vectors(texts, dim)


def _options(size: str, **given: Any) -> Options:
    from builders._evaluator_training import Options
    from hmu_bench.evaluators.t2m import Sizes

    sizes = {
        "official": Sizes(),
        "small": Sizes(
            movement_hidden=64, movement=64, motion_hidden=96, text_hidden=64, embedding=64
        ),
    }
    if size not in sizes:
        raise InputError(f"unknown size {size!r}; known: {', '.join(sizes)}", key="--size")
    return Options(sizes=sizes[size], window=64, **given)


def _device(name: str) -> Literal["cpu", "cuda"]:
    import torch

    there = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if there else "cpu"
    if name == "cuda" and there:
        return "cuda"
    if name == "cpu":
        return "cpu"
    why = "no card is there" if name == "cuda" else "known: auto, cpu, cuda"
    raise InputError(f"the device {name!r} cannot be used: {why}", key="--device")


def _key(parts: dict[str, RealPairs], vectors: WordVectors, options: Options) -> str:
    """Names everything that decides the weights."""
    from dataclasses import asdict

    from hmu_bench import __version__

    words = sha256_bytes("\n".join(sorted(vectors.rows)).encode() + vectors.vectors.tobytes())
    facts = {
        "version": __version__,
        "options": {k: v for k, v in asdict(options).items() if k != "device"},
        "words": words,
        "data": {split: part.sha256 for split, part in sorted(parts.items())},
    }
    return sha256_bytes(canonical_json(facts).encode())


def _measure(evaluator: Evaluator, test: RealPairs) -> dict[str, Any]:
    """Retrieval on whole test clips without twins, one caption each; {} for fewer than 32."""
    import numpy as np

    from builders._evaluator_quality import retrieval

    chosen = test.whole_base_clips()
    if len(chosen) < FEWEST_VALIDATION:
        return {"test": None}
    captions = [test.pairs.texts[row][0] for row in chosen]
    motion = evaluator.embed_motions([test.pairs.motions[row][:196] for row in chosen])
    text = evaluator.embed_texts(captions)
    names: Sequence[str] = [test.clips[row] for row in chosen]
    return {
        "test": {
            "motions": len(chosen),
            "method": "exact expectation over pools of 32, first caption of each whole base clip",
            **retrieval(text, motion, names, captions),
            "mm_dist": float(np.linalg.norm(text - motion, axis=1).mean()),
        }
    }


def _provenance(
    evaluator: Evaluator,
    parts: dict[str, RealPairs],
    options: Options,
    vectors: WordVectors,
    threads: int,
) -> dict[str, Any]:
    from dataclasses import asdict, replace

    from hmu_bench import __version__

    return {
        "made_by": "python -m builders evaluator",
        "version": __version__,
        "evaluator_sha256": evaluator.sha256,
        "words": len(vectors.rows),
        "training": {
            **{f"{split}_motions": len(part.pairs) for split, part in parts.items()},
            **{f"{split}_sha256": part.sha256 for split, part in parts.items()},
            "threads": threads,
            **asdict(replace(options, sizes=evaluator.network.sizes)),
        },
    }
