"""Real motion capture (`../shared/data/mocap`) as a folder of HumanML3D's format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hmu_bench.motion import joints_to_features

PART = "in the middle"  # ends the captions that describe seconds 1 to 5


def rule_tokens(caption: str) -> str:
    """Tokens good enough for an evaluator with random word vectors."""
    words = "".join(c if c.isalpha() else " " for c in caption.lower()).split()
    return " ".join(f"{word}/OTHER" for word in words)


def read(shared: Path) -> pd.DataFrame:
    """The rows of the first file: 185 clips, 11 of them violent."""
    return pd.read_parquet(shared / "data" / "mocap" / "dataset1.parquet")


def write(rows: pd.DataFrame, root: Path, splits: Mapping[str, Sequence[str]]) -> Path:
    """texts, splits, new_joint_vecs and new_joints; clips of 6 s and more have a part's caption."""
    for name in ("texts", "splits", "new_joint_vecs", "new_joints"):
        (root / name).mkdir()
    for row in rows.itertuples():
        joints = np.asarray(row.joints, np.float32).reshape(row.num_frames, 22, 3)
        np.save(root / "new_joints" / f"{row.clip_id}.npy", joints)
        np.save(root / "new_joint_vecs" / f"{row.clip_id}.npy", joints_to_features(joints))
        captions = row.captions if row.violent else row.captions[:2]
        lines = [f"{text}#{rule_tokens(text)}#0.0#0.0" for text in captions]
        if row.num_frames >= 120:
            text = f"{row.captions[0]} {PART}"
            lines.append(f"{text}#{rule_tokens(text)}#1.0#5.0")
        (root / "texts" / f"{row.clip_id}.txt").write_text("\n".join(lines) + "\n")
    for name, clips in splits.items():
        (root / "splits" / f"{name}.txt").write_text("\n".join(clips) + "\n")
    return root


def small_evaluator(shared: Path, folder: Path) -> Path:
    """The small evaluator with the published statistics and the random word vectors."""
    (folder / "stats").mkdir(parents=True)
    (folder / "glove").mkdir()
    small, glove = shared / "parity" / "evaluator_small", shared / "parity" / "glove_random"
    (folder / "model.safetensors").symlink_to(small / "model.safetensors")
    meta = np.load(small / "eval_meta.npz")
    for name in ("mean", "std"):
        np.save(folder / "stats" / f"{name}.npy", meta[name])
    for name in ("our_vab_data.npy", "our_vab.json"):
        (folder / "glove" / name).symlink_to(glove / name)
    return folder
