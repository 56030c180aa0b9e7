"""Releases: what is frozen, and what a build says of it."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.datasets import SplitLists, load_pair, read_report
from hmu_bench.datasets import releases as module
from hmu_bench.datasets.changes import made_differently
from hmu_bench.datasets.model import Caption, Clip
from hmu_bench.datasets.releases import (
    FOLDER,
    NONE_FROZEN,
    Made,
    Release,
    SplitLabels,
    compare,
    labels_hash,
    release_path,
    releases_of,
)
from hmu_bench.datasets.telling import notes
from hmu_bench.errors import InputError
from tests.datasets.loading import head_of
from tests.datasets.toys import build

labels = st.dictionaries(st.text(max_size=5), st.sampled_from(["forget", "retain"]))


@given(labels, st.randoms())
def test_the_hash_knows_every_label_and_no_order(found, random):
    pairs = list(found.items())
    random.shuffle(pairs)
    by_hand = "".join(sorted(f"{clip_id} {label}\n" for clip_id, label in pairs))
    assert labels_hash(pairs) == hashlib.sha256(by_hand.encode()).hexdigest()
    for clip_id, label in pairs:
        other = {**found, clip_id: "retain" if label == "forget" else "forget"}
        assert labels_hash(other.items()) != labels_hash(pairs)
        without = {key: value for key, value in pairs if key != clip_id}
        assert labels_hash(without.items()) != labels_hash(pairs)


MADE = Made(
    captions_sha256="a" * 64,
    borrowed_sha256=None,
    splits_sha256={"test": "b" * 64},
    concept="violence",
    rule="calibrated",
    rule_version="1-0123",
    min_occurrence=1,
)
SPLITS = {"test": SplitLabels(forget=2, retain=8, labels_sha256="c" * 64)}
RELEASE = Release(source="toy", config="violence", version="1", made=MADE, splits=SPLITS)


def test_equal_is_the_release():
    older = RELEASE.model_copy(update={"version": "1"})
    newer = RELEASE.model_copy(
        update={"version": "2", "made": MADE.model_copy(update={"rule_version": "2-1"})}
    )
    assert compare(MADE, SPLITS, [RELEASE]) == ("1", None)
    assert compare(MADE, SPLITS, [newer, older]) == ("1", None), "an old release stays one"
    assert compare(MADE, SPLITS, []) == (None, NONE_FROZEN)


@pytest.mark.parametrize(
    ("changes", "splits", "told"),
    [
        ({"captions_sha256": "d" * 64}, {}, "made from other captions"),
        ({"borrowed_sha256": "d" * 64}, {}, "other captions were borrowed"),
        ({"splits_sha256": {}}, {}, "made with other split lists"),
        ({"min_occurrence": 2}, {}, "min_occurrence 2, released 1"),
        ({"concept": "kick"}, {}, "concept kick, released violence"),
        (
            {"rule_version": "1-4567"},
            {},
            "rule version 1-4567, released 1-0123; the labels are the same",
        ),
        (
            {"rule_version": "1-4567"},
            {"test": {"forget": 3, "retain": 7, "labels_sha256": "e" * 64}},
            "rule version 1-4567, released 1-0123; test has 3 forget and 7 retain clips, released "
            "2 and 8",
        ),
        (
            {},
            {"test": {"forget": 2, "retain": 8, "labels_sha256": "e" * 64}},
            "test has as many clips in each set, but others",
        ),
        ({}, {"test": None}, "test has no clips"),
        (
            {},
            {"train": {"forget": 1, "retain": 0, "labels_sha256": "e" * 64}},
            "train has now clips",
        ),
        (  # what the labels are is no question where the input is another one
            {"captions_sha256": "d" * 64, "rule_version": "1-4567"},
            {"test": {"forget": 3, "retain": 7, "labels_sha256": "e" * 64}},
            "made from other captions; rule version 1-4567, released 1-0123",
        ),
    ],
)
def test_what_differs_is_told(changes, splits, told):
    here = {**SPLITS, **{s: v and SplitLabels(**v) for s, v in splits.items()}}
    here = {split: value for split, value in here.items() if value is not None}
    found = compare(MADE.model_copy(update=changes), here, [RELEASE])
    assert found == (None, f"not release 1: {told}")


def test_the_newest_comes_first_by_number(tmp_path):
    for version in ("1", "10", "9"):
        path = release_path("toy", "violence", version, tmp_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        release = RELEASE.model_copy(update={"version": version})
        path.write_text(release.to_json(), "utf-8")
    found = releases_of("toy", "violence", tmp_path)
    assert [release.version for release in found] == ["10", "9", "1"]
    assert found[-1] == RELEASE
    assert releases_of("toy", "violence-keywords", tmp_path) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "Field required"),
        ("no json", "not valid JSON"),
        ('{"format": 1, "format": 1}', r"not valid JSON \(the key 'format' is given twice"),
        ("[" * 100_000, "the JSON is nested too deeply"),
        (
            RELEASE.model_copy(update={"version": "2"}).to_json(),
            "this is the release toy/violence/2, in",
        ),
        (
            RELEASE.model_copy(update={"source": "other"}).to_json(),
            "this is the release other/violence/1",
        ),
    ],
)
def test_a_bad_file_is_told(tmp_path, text, told):
    path = release_path("toy", "violence", "1", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=rf"1\.json.*: {told}"):
        releases_of("toy", "violence", tmp_path)


def test_every_release_of_the_package_reads():
    found = sorted(FOLDER.glob("*/*/*.json"))
    assert found
    for path in found:
        source, config = path.parts[-3:-1]
        assert path.stem in [release.version for release in releases_of(source, config)]


def clips(**captions):
    return [Clip(i, (Caption(f"{i}_0", text, ""),)) for i, text in captions.items()]


SOME = clips(a="walks", b="kicks", c="waves", d="punches")
LISTS = SplitLists.of({"train": ["a", "b"], "test": ["d", "c"]})


@pytest.fixture
def frozen(monkeypatch, tmp_path):
    """Freezes what a report says; builds look at it."""
    monkeypatch.setattr(module, "FOLDER", tmp_path / "released")

    def freeze(report, version="1", **changes):
        (config,) = report.configs
        release = Release(
            source=report.name,
            config=config.name,
            version=version,
            made=report.made(config),
            splits=config.split_labels(),
        ).model_copy(update=changes)
        path = release_path(release.source, release.config, version)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(release.to_json(), "utf-8")
        return release

    return freeze


def test_a_build_says_whether_it_is_the_release(facts, tmp_path, frozen):
    out = tmp_path / "out"
    first = build(SOME, facts=facts, out=out, splits=LISTS)
    (config,) = first.configs
    assert (config.release, config.release_reason) == (None, NONE_FROZEN)
    assert not [line for line in notes(first) if "release" in line], "nobody waits for one"
    labels = config.split_labels()
    assert labels["test"].labels_sha256 == hashlib.sha256(b"c retain\nd forget\n").hexdigest()
    frozen(first)

    again = build(SOME[::-1], facts=facts, out=out, splits=LISTS, include_text=False)
    assert again.configs[0].release == "1"
    assert again.configs[0].release_reason is None
    assert json.loads((out / "hmu/toy-retain/build.json").read_text())["configs"][0]["release"]
    assert "violence-keywords: release 1" in notes(again)
    for role in ("forget", "retain"):
        _, body = head_of(out / "hmu" / f"toy-{role}")
        assert "Release: 1; the ids and labels are the frozen ones." in body
    assert made_differently(first, again)["violence-keywords: release"] == ("none", "1")


def test_a_build_that_differs_is_told_and_recorded(facts, tmp_path, frozen):
    out = tmp_path / "out"
    report = build(SOME, facts=facts, out=out, splits=LISTS)
    labels = report.configs[0].split_labels()
    train = labels["train"].model_copy(update={"forget": 2, "retain": 0, "labels_sha256": "0" * 64})
    frozen(report, splits={**labels, "train": train})
    flipped = build(SOME, facts=facts, out=out, splits=LISTS)
    told = "not release 1: train has 1 forget and 1 retain clips, released 2 and 0"
    assert (flipped.configs[0].release, flipped.configs[0].release_reason) == (None, told)
    assert read_report(out / "hmu/toy-forget").configs[0].release_reason == told
    assert f"violence-keywords: {told}" in notes(flipped)
    assert f"Release: none ({told})." in head_of(out / "hmu/toy-forget")[1]
    other = build(clips(a="walks", b="runs"), facts=facts, out=out)
    assert other.configs[0].release_reason == (
        "not release 1: made from other captions; made with other split lists"
    )


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["kicks", "walks"])))
def test_the_hash_in_the_report_is_that_of_the_rows(facts, tmp_path_factory, texts):
    texts = {"z": "walks", **texts}
    out = tmp_path_factory.mktemp("rows")
    report = build(clips(**texts), facts=facts, out=out)
    rows = [row for part in load_pair(out, "toy").values() for row in part]
    told = report.configs[0].split_labels()["train"]
    assert told.labels_sha256 == labels_hash((row.clip_id, row.label) for row in rows)
    assert told.forget == sum(row.label == "forget" for row in rows)
