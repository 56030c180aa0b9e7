"""`submission.yaml`: who made the motions, how, and in which form they lie beside it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from hmu_bench.models import LongText, ShortText, Slug, Strict, check_link

SUBMISSION_FILE = "submission.yaml"
MAX_SUBMISSION_BYTES = 64 << 10

Representation = Literal["humanml3d-263", "joints-22"]

MAX_REPEATS = 100


class SubmissionInfo(Strict):
    """`submission.yaml`, every key of it.

    `name` becomes the id of the record, `method` the name that readers see.
    """

    name: Slug
    track: Slug
    method: ShortText = Field(min_length=1)
    description: LongText = ""
    base_model: Slug | None = Field(default=None, description="id of the base model's record")
    unlearned: list[ShortText] = Field(
        default_factory=list, max_length=100, description="concepts that were unlearned, in order"
    )
    authors: list[ShortText] = Field(default_factory=list, max_length=200)
    paper: str | None = None
    code: str | None = None
    license: ShortText | None = None
    family: ShortText | None = Field(
        default=None, description="kind of method: tensor edit, fine-tuning, retrieval, ..."
    )
    representation: Representation
    fps: Annotated[float, Field(ge=5, le=1000, allow_inf_nan=False)] = 20.0
    repeats: Annotated[int, Field(ge=1, le=MAX_REPEATS)] = 3
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    notes: LongText = ""

    _links = field_validator("paper", "code")(check_link)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.representation == "humanml3d-263" and self.fps != 20:
            raise ValueError(
                "humanml3d-263 features hold velocities per frame at 20 fps; send joints-22 for "
                "another frame rate"
            )
        return self
