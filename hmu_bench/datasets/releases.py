"""Releases: the ids and labels of a published split, frozen by a hash.

A release is a file `released/<source>/<config>/<version>.json`. It names what was read, which rule
judged, and for every split how many clips each set has and a hash over all ids and labels. The ids
themselves stand in the published dataset, not here: some sources do not allow to list them
elsewhere. A build of the same input under the same rule must give the same labels on every machine;
whether it does is told after every build (`release` in build.json). Another classifier is another
version of its rule, and another release: an old one is kept, never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from hmu_bench.datasets.model import SPLITS, Role, SplitName
from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json, read_text
from hmu_bench.json_files import parse_json
from hmu_bench.models import Count, Sha256, ShortText, Slug, Strict, bad_model

FOLDER = Path(__file__).with_name("released")
MAX_BYTES = 1 << 20
NONE_FROZEN = "no release of it is frozen"
# A version that can be counted on: 1, 2, ...
Version = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}$")]


class SplitLabels(Strict):
    """One split of a configuration: how many clips each set has, and all labels in a hash.

    Attributes:
        forget: clips to forget.
        retain: clips to retain.
        labels_sha256: `labels_hash` of the split.
    """

    forget: Count
    retain: Count
    labels_sha256: Sha256


class Made(Strict):
    """What a configuration was made from and by: of equal ones the labels must be equal, too.

    Attributes:
        captions_sha256: hash over names and contents of the input.
        borrowed_sha256: the same of another source that lent its captions.
        splits_sha256: split -> hash over the ids of its list, in order.
        concept: its name.
        rule: the split rule.
        rule_version: of the rule; of a classifier it holds a hash over all that decides.
        min_occurrence: how many violent captions make a clip violent.
    """

    captions_sha256: Sha256
    borrowed_sha256: Sha256 | None
    splits_sha256: dict[SplitName, Sha256]
    concept: Slug
    rule: Slug
    rule_version: ShortText
    min_occurrence: Annotated[int, Field(ge=1)]


class Release(Strict):
    """A release of one configuration of one source; the whole of its file."""

    format: Literal[1] = 1
    source: Slug
    config: Slug
    version: Version
    made: Made
    splits: dict[SplitName, SplitLabels]

    def to_json(self) -> str:
        """The file."""
        return canonical_json(self.model_dump(mode="json"))


def labels_hash(labels: Iterable[tuple[str, Role]]) -> str:
    """SHA-256 over the lines "clip_id label", sorted, each with a line end.

    >>> labels_hash([("b", "retain"), ("a", "forget")])[:12]
    '0054d99e903f'
    """
    lines = sorted(f"{clip_id} {label}\n" for clip_id, label in labels)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def release_path(source: str, config: str, version: str, folder: Path | None = None) -> Path:
    """Where a release lies; the folder is the package's unless another is given."""
    return (folder or FOLDER) / source / config / f"{version}.json"


def releases_of(source: str, config: str, folder: Path | None = None) -> list[Release]:
    """All releases of a configuration, the newest first.

    Raises:
        InputError: if a file cannot be read or is of another configuration or version.
    """
    found = []
    for path in sorted(release_path(source, config, "1", folder).parent.glob("*.json")):
        release = _read(path)
        if release_path(release.source, release.config, release.version, folder) != path:
            what = f"{release.source}/{release.config}/{release.version}"
            raise InputError(f"this is the release {what}, in the wrong place", where=path)
        found.append(release)
    return sorted(found, key=lambda release: int(release.version), reverse=True)


def _read(path: Path) -> Release:
    text = read_text(path, MAX_BYTES)
    parse_json(text, path)
    try:
        return Release.model_validate_json(text)
    except ValidationError as error:
        raise bad_model(error, path) from error


def compare(
    made: Made, splits: Mapping[SplitName, SplitLabels], releases: Iterable[Release]
) -> tuple[str | None, str | None]:
    """Which release this is, or else why it is not the newest.

    Returns:
        The version and None, or None and the reason.
    """
    reason = None
    for release in releases:
        differs = differences(made, splits, release)
        if not differs:
            return release.version, None
        reason = reason or f"not release {release.version}: {'; '.join(differs)}"
    return None, reason or NONE_FROZEN


def differences(made: Made, splits: Mapping[SplitName, SplitLabels], release: Release) -> list[str]:
    """What is not as in the release; labels are compared where all but the rule's version is."""
    other = release.made
    told = []
    if made.captions_sha256 != other.captions_sha256:
        told.append("made from other captions")
    if made.borrowed_sha256 != other.borrowed_sha256:
        told.append("other captions were borrowed")
    if made.splits_sha256 != other.splits_sha256:
        told.append("made with other split lists")
    if made.min_occurrence != other.min_occurrence:
        told.append(f"min_occurrence {made.min_occurrence}, released {other.min_occurrence}")
    if (made.rule, made.rule_version) != (other.rule, other.rule_version):
        told.append(f"rule version {made.rule_version}, released {other.rule_version}")
    if made.concept != other.concept:
        told.append(f"concept {made.concept}, released {other.concept}")
    if made.model_copy(update={"rule_version": other.rule_version}) == other:
        found = _split_differences(splits, release.splits)
        told += found or (["the labels are the same"] if told else [])
    return told


def _split_differences(
    here: Mapping[SplitName, SplitLabels], there: Mapping[SplitName, SplitLabels]
) -> list[str]:
    told = []
    for split in SPLITS:
        ours, theirs = here.get(split), there.get(split)
        if ours == theirs:
            continue
        if ours is None or theirs is None:
            told.append(f"{split} has {'no' if ours is None else 'now'} clips")
        elif (ours.forget, ours.retain) == (theirs.forget, theirs.retain):
            told.append(f"{split} has as many clips in each set, but others")
        else:
            told.append(
                f"{split} has {ours.forget:,} forget and {ours.retain:,} retain clips, released "
                f"{theirs.forget:,} and {theirs.retain:,}"
            )
    return told
