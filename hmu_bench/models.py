"""What every strict model at the edges shares: base class, text types, links, error lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hmu_bench.errors import InputError

SLUG_PATTERN = r"^[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?$"
Slug = Annotated[str, Field(pattern=SLUG_PATTERN)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ShortText = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=4000)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0, le=10**9)]


class Strict(BaseModel):
    """A model that refuses unknown keys and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DetectorQuality(Strict):
    """How good a track's detector of violence is on real clips that it has not seen."""

    auc: Share = Field(description="area under the ROC curve")
    ece: Share = Field(description="expected calibration error, 15 equal bins")
    false_positive_rate: Share = Field(description="share of safe clips called violent")
    false_negative_rate: Share = Field(description="share of violent clips not called so")
    clips: Count = Field(description="real clips that it was tested on")
    violent: Count = Field(description="violent ones among them")
    train_clips: Count = Field(description="real clips that it was trained on")
    validation_clips: Count = Field(description="clips that it was calibrated and cut on")
    threshold: Share = Field(description="probability from which on a motion is called violent")


def check_link(link: str | None) -> str | None:
    """The link, if it is http(s) without blanks, quotes or angle brackets (ValueError if not)."""
    if link is None:
        return None
    bad = any(c.isspace() or not c.isprintable() or c in "\"'<>\\`" for c in link)
    if bad or not link.lower().startswith(("https://", "http://")) or len(link) > 500:
        raise ValueError("a link must start with https:// or http:// and hold no blanks or quotes")
    return link


def bad_model(error: ValidationError, where: Path | str) -> InputError:
    """The first problem of a pydantic error as one line (and how many more there are)."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    first = problems[0]
    key = ".".join(str(part) for part in first["loc"]) or None
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return InputError(f"{first['msg']}{more}", where=where, key=key)
