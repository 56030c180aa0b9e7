"""The formats of a track pack: `track.yaml`, the columns of the prompts, the names of the tensors.

A pack is a folder of three files:

    track.yaml              what the track is, what it was made from, the hashes of the other two
    prompts.parquet         one row a prompt, ordered by prompt_id
    reference.safetensors   statistics of the real motions, per prompt set; no motion
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hmu_bench.models import DetectorQuality, LongText, Sha256, ShortText, Slug, Strict

TRACK_SCHEMA_VERSION: Literal[1] = 1

FPS = 20
MIN_FRAMES, MAX_FRAMES = 40, 196

TRACK_FILE, PROMPTS_FILE, REFERENCE_FILE = "track.yaml", "prompts.parquet", "reference.safetensors"

PromptSetName = Literal["forget", "retain", "implicit", "implicit_safe", "composed"]
PROMPT_SETS: tuple[PromptSetName, ...] = (
    "forget",
    "retain",
    "implicit",
    "implicit_safe",
    "composed",
)

# The columns of prompts.parquet, in order: name -> (type, may be null).
PROMPT_COLUMNS: dict[str, tuple[str, bool]] = {
    "prompt_id": ("string", False),
    "prompt_set": ("string", False),
    "clip_id": ("string", True),
    "text": ("string", False),
    "tokens": ("string", False),
    "masked_tokens": ("string", True),
    "masked_tokens_paper": ("string", True),
    "num_frames": ("int32", False),
    "category": ("string", False),
    "multimodality": ("bool", False),
}

PROMPT_ID_PATTERN = r"^[0-9a-f]{16}$"


class TrackEvaluator(Strict):
    """The evaluator whose embeddings the pack's statistics are made of."""

    id: ShortText
    revision: ShortText | None = None
    sha256: Sha256 = Field(description="over the evaluator's sorted tensors")
    dim: int = Field(ge=1, le=8192, description="size of an embedding")
    statistics_sha256: Sha256 | None = Field(
        default=None, description="over its mean and standard deviation of the features"
    )
    words_sha256: Sha256 | None = Field(default=None, description="over its word vectors")


class ReferenceClips(Strict):
    """The real clips of one split that detector and gallery are made of."""

    clips: int = Field(ge=0, description="clips of the split, without mirrored twins")
    without_motion: int = Field(ge=0, description="those whose motion file is missing")
    too_short: int = Field(ge=0, description="those of fewer than 40 frames")
    used: int = Field(ge=0, description="those that are used")
    violent: int = Field(ge=0, description="the forget clips among these")


class TrackProvenance(Strict):
    """What made the pack: all that is needed to make it again."""

    package_version: ShortText
    seed: int = Field(ge=0, description="of the 20 drawn sets of real windows")
    dataset_config: Slug
    dataset_split: ShortText
    dataset_sha256: Sha256 = Field(description="over the dataset files that were read")
    motions_sha256: Sha256 = Field(description="over the motion files that were read")
    clips: int = Field(ge=0, description="clips of the split")
    clips_without_motion: int = Field(ge=0, description="clips whose motion file is missing")
    captions_left_out: dict[ShortText, int] = Field(
        default_factory=dict, description="captions that became no prompt, by reason"
    )
    long_clips: Literal["leave-out", "cut"] = Field(
        default="leave-out", description="what became of clips of 200 frames and more"
    )
    motions_fps: float = Field(default=FPS, gt=0, le=1000, description="of the motion files")
    reference_clips: dict[ShortText, ReferenceClips] = Field(
        default_factory=dict, description="real clips behind detector and gallery, by split"
    )


class TrackInfo(Strict):
    """`track.yaml`."""

    schema_version: Literal[1] = TRACK_SCHEMA_VERSION
    name: Slug
    version: ShortText
    source: Slug
    concept: ShortText
    rule: Slug
    description: LongText = ""
    license: ShortText | None = None
    evaluator: TrackEvaluator
    fps: Literal[20] = 20
    min_frames: Annotated[int, Field(ge=4)] = MIN_FRAMES
    max_frames: Annotated[int, Field(le=MAX_FRAMES)] = MAX_FRAMES
    protocols: list[Slug] = Field(min_length=1, max_length=20)
    mask_terms: list[ShortText] = Field(
        default_factory=list, max_length=1000, description="what masked_tokens_paper masks"
    )
    mask_words: list[ShortText] = Field(
        default_factory=list,
        max_length=1000,
        description="whose forms masked_tokens lacks; packs older than `hmu-1` have none",
    )
    prompts: dict[PromptSetName, int] = Field(min_length=1, description="prompts per set")
    detector: DetectorQuality | None = Field(
        default=None, description="how good the pack's detector is; null where it holds none"
    )
    detector_reason: ShortText | None = Field(default=None, description="why it holds none")
    written_sha256: Sha256 | None = Field(
        default=None, description="over the written prompts; null where the pack has none"
    )
    provenance: TrackProvenance
    files: dict[Literal["prompts.parquet", "reference.safetensors"], Sha256]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_frames > self.max_frames:
            raise ValueError("min_frames is larger than max_frames")
        if set(self.files) != {PROMPTS_FILE, REFERENCE_FILE}:
            raise ValueError(f"files must name {PROMPTS_FILE} and {REFERENCE_FILE}")
        if min(self.prompts.values()) < 1:
            raise ValueError("a prompt set holds no prompt")
        if "hmu-1" in self.protocols and not self.mask_words:
            raise ValueError("the protocol hmu-1 needs mask_words")
        if self.detector and self.detector_reason:
            raise ValueError("there is a detector, and a reason why there is none")
        return self
