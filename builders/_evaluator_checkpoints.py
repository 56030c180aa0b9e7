"""Where a training stands, kept aside so that it goes on after an interruption.

One file, replaced whole: the states of all parts and of both random generators. What goes on from
it gives the same weights as a training that was never stopped (same machine, same threads).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from hmu_bench.errors import InputError
from hmu_bench.files import read_bounded, write_atomic

Stage = Literal["movement", "matching"]
STAGES: tuple[Stage, ...] = ("movement", "matching")
FILE = "checkpoint.pt"
KEYS = {"key", "stage", "done", "parts", "numpy", "torch", "cuda", "extra"}
MAX_BYTES = 4 << 30
"""The official size needs 0.4 GB: weights, the best weights and two moments of each."""


@dataclass
class Checkpoints:
    """Saves and restores; without a folder it does nothing.

    Attributes:
        folder: where the file lies; None: nothing is kept.
        key: names data and options; a checkpoint with another key is refused.
        every: steps of the autoencoder between two savings (the matching: every epoch).
    """

    folder: Path | None = None
    key: str = ""
    every: int = 500

    def read(self) -> dict[str, Any] | None:
        """What was saved last, or None.

        Raises:
            InputError: for a damaged file, or one of another training.
        """
        path = None if self.folder is None else self.folder / FILE
        if path is None or not path.exists():
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of damaged bytes; those of right ones: none
                found = torch.load(
                    io.BytesIO(read_bounded(path, MAX_BYTES)), map_location="cpu", weights_only=True
                )
        except InputError:
            raise
        except Exception as error:
            # torch.load raises whatever the damaged bytes lead it to.
            raise InputError("is damaged", where=path, fix="remove it and start anew") from error
        if not isinstance(found, dict) or found.get("key") != self.key:
            raise InputError(
                "is of another training (other data, options or versions)",
                where=path,
                fix="remove it to start anew, or give the options it was begun with",
            )
        if missing := KEYS - found.keys():
            raise InputError(
                "does not hold what a checkpoint holds",
                where=path,
                key=min(missing),
                fix="remove it and start anew",
            )
        return found

    def save(
        self,
        stage: Stage,
        done: int,
        parts: Mapping[str, Any],
        random: np.random.Generator,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep where the training stands.

        Args:
            stage: which one.
            done: its finished steps (movement) or epochs (matching).
            parts: name -> what has a `state_dict`.
            random: the generator of order and crops.
            extra: anything else that tensors and plain values can tell.
        """
        if self.folder is None:
            return
        state = {
            "key": self.key,
            "stage": stage,
            "done": done,
            "parts": {name: part.state_dict() for name, part in parts.items()},
            "numpy": random.bit_generator.state,
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "extra": dict(extra or {}),
        }
        stream = io.BytesIO()
        torch.save(state, stream)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self.folder / FILE, stream.getvalue())

    def restore(
        self, stage: Stage, parts: Mapping[str, Any], random: np.random.Generator
    ) -> tuple[int, dict[str, Any]]:
        """Bring parts and generators to where the stage was left: what is done of it, and `extra`.

        (0, {}) where it has not begun; -1 where it is over (a later stage was saved).
        """
        found = self.read()
        if found is None:
            return 0, {}
        try:
            return _restore(found, stage, parts, random)
        except (LookupError, ValueError, TypeError, AttributeError, RuntimeError) as error:
            # The key was right: only who changed the file by hand comes here.
            assert self.folder is not None
            raise InputError(
                "does not hold what a checkpoint holds",
                where=self.folder / FILE,
                fix="remove it and start anew",
            ) from error

    def remove(self) -> None:
        """The training is over: nothing needs to be kept."""
        if self.folder is not None:
            (self.folder / FILE).unlink(missing_ok=True)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()


def _restore(
    found: Mapping[str, Any], stage: Stage, parts: Mapping[str, Any], random: np.random.Generator
) -> tuple[int, dict[str, Any]]:
    """As `Checkpoints.restore`, of what was read."""
    if found["stage"] != stage:
        later = STAGES.index(found["stage"]) > STAGES.index(stage)
        return (-1, {}) if later else (0, {})
    for name, part in parts.items():
        part.load_state_dict(found["parts"][name])
    random.bit_generator.state = found["numpy"]
    torch.set_rng_state(found["torch"])
    if found["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(found["cuda"])
    if (done := int(found["done"])) < 0:
        raise ValueError("less than nothing is done")
    return done, dict(found["extra"])
