"""What changed between two builds of a dataset. Pure functions over rows and reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from hmu_bench.concepts import Category
from hmu_bench.datasets.model import LabelledClip, Role
from hmu_bench.datasets.report import BuildReport
from hmu_bench.models import Slug, Strict


class Side(Strict):
    """A clip in one of the two builds."""

    label: Role
    split: str
    category: Category
    score: float


class Change(Strict):
    """A clip that is not the same in both builds.

    Attributes:
        clip_id: the clip.
        before: in the first build; null where it is not there.
        after: in the second build; null where it is not there.
        captions: its captions, of the second build where it is there; empty texts where the build
            does not publish them. Violent ones are marked with "*".
        evidence: what the judgement of the second build (or the first) rests on.
        changed: what else of the clip has changed: `words`, `judgement`, `motion`.
    """

    clip_id: str
    before: Side | None
    after: Side | None
    captions: list[str]
    evidence: list[str]
    changed: list[str] = Field(default_factory=list)


class ConfigChanges(Strict):
    """What changed in one configuration.

    Attributes:
        config: its name.
        before: how many clips each set had; empty where the configuration is new.
        after: how many clips each set has; empty where the configuration is gone.
        same: clips that are the same in both builds, down to every caption.
        added: clips that are new.
        removed: clips that are gone.
        to_forget: clips that moved from retain to forget.
        to_retain: clips that moved from forget to retain.
        split_changed: clips that kept their set and moved to another split.
        otherwise: clips whose captions or judgements changed, and that stayed where they were.
        moved_by_category: category -> clips that moved to forget (category there), to retain
            (category that they had).
    """

    config: Slug
    before: dict[Role, int]
    after: dict[Role, int]
    same: int
    added: list[Change]
    removed: list[Change]
    to_forget: list[Change]
    to_retain: list[Change]
    split_changed: list[Change]
    otherwise: list[Change]
    moved_by_category: dict[str, dict[Category, int]]

    @property
    def differs(self) -> bool:
        """Whether anything changed."""
        return self.before != self.after or any(getattr(self, kind) for kind in KINDS)


KINDS = ("added", "removed", "to_forget", "to_retain", "split_changed", "otherwise")


class Changes(Strict):
    """What changed between two builds of one source.

    Attributes:
        source: its name.
        made: what of the inputs, options, versions and rules differs: name -> [before, after].
        configs: the configurations of both builds, in the order of the second.
    """

    source: Slug
    made: dict[str, tuple[str | None, str | None]]
    configs: list[ConfigChanges]

    @property
    def differs(self) -> bool:
        """Whether anything changed."""
        return bool(self.made) or any(config.differs for config in self.configs)


Rows = Mapping[Role, Sequence[LabelledClip]]


def compare(config: str, before: Rows | None, after: Rows | None) -> ConfigChanges:
    """Compare the rows of one configuration in two builds; None where a build does not have it."""
    old = _by_id(before)
    new = _by_id(after)
    lists: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    same = 0
    for clip_id in dict.fromkeys([*new, *old]):
        first, second = old.get(clip_id), new.get(clip_id)
        kind, changed = _kind(first, second)
        if kind is None:
            same += 1
        else:
            lists[kind].append(_change(clip_id, first, second, changed))
    return ConfigChanges(
        config=config,
        before={} if before is None else {role: len(rows) for role, rows in before.items()},
        after={} if after is None else {role: len(rows) for role, rows in after.items()},
        same=same,
        moved_by_category={
            "to_forget": _categories(change.after for change in lists["to_forget"]),
            "to_retain": _categories(change.before for change in lists["to_retain"]),
        },
        **lists,
    )


def _by_id(rows: Rows | None) -> dict[str, LabelledClip]:
    return {} if rows is None else {row.clip_id: row for part in rows.values() for row in part}


def _kind(first: LabelledClip | None, second: LabelledClip | None) -> tuple[str | None, list[str]]:
    """Which list a clip belongs to (None: it is the same), and what has changed of it."""
    if first is None:
        return "added", []
    if second is None:
        return "removed", []
    changed = _changed(first, second)
    if first.label != second.label:
        return ("to_forget" if second.label == "forget" else "to_retain"), changed
    if first.split != second.split:
        return "split_changed", changed
    return ("otherwise" if changed else None), changed


def _changed(first: LabelledClip, second: LabelledClip) -> list[str]:
    def words(row: LabelledClip) -> list[object]:
        return [(c.caption_id, c.text, c.tokens, c.start, c.end) for c in row.captions]

    def judgement(row: LabelledClip) -> list[object]:
        of_captions = [(c.violent, c.score, c.category, c.evidence) for c in row.captions]
        return [*of_captions, row.score, row.category, row.confident]

    def motion(row: LabelledClip) -> list[object]:
        return [row.num_frames, row.motion_path]

    return [part.__name__ for part in (words, judgement, motion) if part(first) != part(second)]


def _change(
    clip_id: str, first: LabelledClip | None, second: LabelledClip | None, changed: list[str]
) -> Change:
    shown = second or first
    captions = shown.captions if shown is not None else ()
    return Change(
        clip_id=clip_id,
        before=_side(first),
        after=_side(second),
        captions=[f"{'* ' if c.violent else ''}{c.text}" for c in captions],
        evidence=list(dict.fromkeys(e for c in captions for e in c.evidence)),
        changed=changed,
    )


def _side(row: LabelledClip | None) -> Side | None:
    if row is None:
        return None
    return Side(label=row.label, split=row.split, category=row.category, score=row.score)


def _categories(sides: Iterable[Side | None]) -> dict[Category, int]:
    return dict(sorted(Counter(side.category for side in sides if side is not None).items()))


def made_differently(
    before: BuildReport, after: BuildReport
) -> dict[str, tuple[str | None, str | None]]:
    """What of the inputs, options, versions and rules of two builds differs."""
    first, second = _making(before), _making(after)
    return {
        name: (first.get(name), second.get(name))
        for name in dict.fromkeys([*first, *second])
        if first.get(name) != second.get(name)
    }


def _making(report: BuildReport) -> dict[str, str]:
    made = {
        "hmu-bench": report.package_version,
        "pyarrow": report.pyarrow_version,
        "captions": report.inputs.captions_sha256,
    }
    made |= {f"list {name}": digest for name, digest in report.inputs.splits_sha256.items()}
    if report.inputs.borrowed is not None:
        made["borrowed captions"] = report.inputs.borrowed.captions_sha256
    if report.inputs.num_frames_sha256 is not None:
        made["num_frames"] = report.inputs.num_frames_sha256
    tagged = report.integrity.tokens_by_spacy
    made["tokens of captions without"] = ", ".join(tagged) or "rules"
    for name in ("min_occurrence", "skip_bad", "include_text"):
        made[f"option {name}"] = str(getattr(report.options, name))
    for config in report.configs:
        made[f"{config.name}: rule"] = f"{config.rule} {config.rule_version}"
        made[f"{config.name}: concept"] = config.concept_sha256
        made[f"{config.name}: release"] = config.release or "none"
        if config.keywords is not None:
            made[f"{config.name}: keywords"] = ", ".join(config.keywords)
    return made
