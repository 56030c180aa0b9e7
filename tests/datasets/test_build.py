"""Building pairs of repositories: partition, determinism, everything told."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmu_bench.datasets import (
    SourceClips,
    SplitLists,
    load_pair,
    load_rows,
    read_report,
    read_source,
    read_splits,
)
from hmu_bench.datasets.model import Caption, Clip, LabelledCaption, LabelledClip
from hmu_bench.errors import InputError
from hmu_bench.files import sha256_bytes
from tests.datasets.toys import build


def tree_bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def build_toy(toy, facts, out, **options):
    texts, lists = toy
    source = read_source(texts, "humanml3d")
    return build(source, facts=facts, out=out, splits=read_splits(lists), **options)


def test_rows(toy, facts, tmp_path):
    build_toy(toy, facts, tmp_path / "out")
    pair = load_pair(tmp_path / "out", "toy")
    assert [(row.split, row.clip_id) for row in pair["forget"]] == [
        ("train", "000004"),
        ("train", "000001"),
        ("test", "000003"),
    ]
    assert [(row.split, row.clip_id) for row in pair["retain"]] == [
        ("train", "M000001"),
        ("train", "000002"),
        ("validation", "M000002"),
        ("test", "000005"),
        ("test", "000006"),
    ]
    assert pair["forget"][0] == LabelledClip(
        clip_id="000004",
        source="toy",
        split="train",
        mirrored=False,
        captions=(
            LabelledCaption(
                "000004_0",
                "a man walks.",
                "a/DET man/NOUN walk/VERB",
                0.0,
                0.0,
                False,
                0.0,
                "none",
                (),
            ),
            LabelledCaption(
                "000004_1",
                "he punches, then kicks.",
                "he/PRON punch/VERB then/ADV kick/VERB",
                1.0,
                2.5,
                True,
                1.0,
                "punch",
                ("punch", "kick"),
            ),
        ),
        label="forget",
        score=1.0,
        category="punch",
        confident=True,
        motion_path="joints/000004.npy",
        num_frames=None,
    )
    assert pair["retain"][0].base_id == "000001"


def test_the_report_tells_everything(toy, facts, tmp_path):
    report = build_toy(toy, facts, tmp_path / "out", concepts=["violence", "none"])
    whole = report.integrity
    assert (whole.clips, whole.listed, whole.used) == (8, 8, 8)
    assert (whole.captions, whole.sub_clip_captions, whole.tokens_by_rules) == (10, 1, 1)
    violence, none = report.configs
    assert violence.splits["train"].model_dump() == {
        "forget": 2,
        "retain": 2,
        "labels_sha256": sha256_bytes(
            b"000001 forget\n000002 retain\n000004 forget\nM000001 retain\n"
        ),
        "categories": {"kick": 1, "punch": 1},
    }
    assert (violence.violent_captions, violence.violent_sub_clip_captions) == (3, 1)
    assert violence.safe_captions_in_forget == 2
    assert (violence.twin_pairs, violence.twins_apart.examples) == (2, ["000001"])
    assert violence.shared_texts.examples == ["000004_0 = M000001_0"]
    assert (violence.keywords_origin, violence.keywords_made_for) == ("ours", "humanml3d")
    assert report.files["forget"]["none-keywords"] == {}
    assert none.splits["train"].retain == 4
    for role in ("forget", "retain"):
        assert read_report(tmp_path / f"out/hmu/toy-{role}") == report


def test_missing_unlisted_and_left_out(tmp_path, facts, write_texts, write_lists):
    texts = write_texts(tmp_path / "in", {"1": "a", "2": "kick#a/X#0#0", "3": "b#a/X#0#0", "4": ""})
    lists = write_lists(tmp_path / "lists", {"train.txt": "9\n1\n2\n", "test.txt": "8\n2\n"})
    report = build_toy((texts, lists), facts, tmp_path / "out", skip_bad=True)
    whole = report.integrity
    assert (whole.listed, whole.used, whole.clips) == (4, 1, 2)
    assert whole.missing_texts.examples == ["9", "8"]
    assert whole.left_out.examples == ["1"]
    assert whole.unlisted.examples == ["3"]
    assert whole.problems == {"duplicate id": 1, "no captions": 1, "unreadable line": 1}
    assert [(p.name, p.line) for p in whole.first_problems] == [
        ("1.txt", 1),
        ("4.txt", None),
        ("test.txt", 2),
    ]
    assert [row.clip_id for row in load_rows(tmp_path / "out/hmu/toy-forget")] == ["2"]


def test_broken_texts_that_no_list_names_do_not_stop(tmp_path, facts, write_texts, write_lists):
    texts = write_texts(tmp_path / "in", {"1": "kick#a/X#0#0", "2": "broken"})
    lists = write_lists(tmp_path / "lists", {"train.txt": "1"})
    report = build_toy((texts, lists), facts, tmp_path / "out")
    assert report.integrity.problems == {"unreadable line": 1}
    assert report.integrity.used == 1
    with pytest.raises(InputError, match=r"2\.txt:1"):
        build(read_source(texts, "humanml3d"), facts=facts, out=tmp_path / "out2")


@pytest.mark.parametrize(
    ("texts", "lists", "told"),
    [
        ({"1": "a#a/X#0#0"}, {"train.txt": "2"}, "none of the 1 listed ids has a text"),
        ({"1": "a"}, {"train.txt": "1"}, r"1.txt:1: no '#'.*--skip-bad"),
        ({"1": b"\xff"}, {"train.txt": "1"}, r"1.txt:1: the file is not UTF-8"),
        ({"1": "a#a/X#0#0"}, {"train.txt": "1\n1"}, r"train.txt:2: the id '1' is given twice"),
    ],
)
def test_what_stops_a_build_writes_nothing(
    tmp_path, facts, write_texts, write_lists, texts, lists, told
):
    made = (write_texts(tmp_path / "in", texts), write_lists(tmp_path / "lists", lists))
    with pytest.raises(InputError, match=told):
        build_toy(made, facts, tmp_path / "deep/er/out")
    assert not (tmp_path / "deep").exists()


def test_nothing_usable_is_an_error_with_skip_bad_too(tmp_path, facts, write_texts):
    source = read_source(write_texts(tmp_path / "in", {"1": "a"}), "humanml3d")
    with pytest.raises(InputError, match="no clip to build from"):
        build(source, facts=facts, out=tmp_path / "out", skip_bad=True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"concepts": []}, "no concept or no rule"),
        ({"rules": []}, "no concept or no rule"),
        ({"rules": ["guess"]}, "no rule 'guess'"),
        ({"concepts": ["weapons"]}, "weapons: .*no keywords"),
        ({"min_occurrence": 0}, "at least 1"),
    ],
)
def test_bad_options(toy, facts, tmp_path, options, told):
    with pytest.raises(InputError, match=told):
        build_toy(toy, facts, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_two_concepts_of_one_name(toy, facts, tmp_path):
    path = tmp_path / "violence.yaml"
    path.write_text(
        "name: violence\ntitle: V\ndescription: v\n"
        "sources: {humanml3d: {origin: ours, keywords: {walk: none}}}\n"
    )
    report = build_toy(toy, facts, tmp_path / "out", concepts=[path])
    assert report.configs[0].keywords == {"walk": "none"}
    with pytest.raises(InputError, match="two different configurations have this name"):
        build_toy(toy, facts, tmp_path / "out", concepts=["violence", path])


def test_same_input_same_bytes_however_it_is_packed(toy, facts, tmp_path, write_texts, toy_texts):
    names = list(toy_texts)
    random.Random(1).shuffle(names)
    zipped = write_texts(tmp_path / "other name.zip", {name: toy_texts[name] for name in names})
    bare = write_texts(tmp_path / "bare", {name: toy_texts[name] for name in names}, prefix="")
    (bare / ".DS_Store").write_text("junk that is no part of the input")
    outputs = []
    for number, texts in enumerate((toy[0], toy[0], zipped, bare)):
        out = tmp_path / f"out{number}"
        build_toy((texts, toy[1]), facts, out, concepts=["kick", "violence"])
        outputs.append(tree_bytes(out))
    assert len(outputs[0]) == 2 * 3 + 3 + 6, "three papers each, a file a split that has rows"
    assert all(output == outputs[0] for output in outputs)


def test_every_option_shows_in_the_bytes(toy, facts, tmp_path):
    seen = set()
    for number, options in enumerate(
        [{}, {"min_occurrence": 2}, {"skip_bad": True}, {"include_text": False}]
    ):
        build_toy(toy, facts, tmp_path / str(number), **options)
        seen.add((tmp_path / f"{number}/hmu/toy-forget/build.json").read_bytes())
    assert len(seen) == 4


def test_without_text_no_word_of_a_caption_is_anywhere(toy, facts, tmp_path):
    build_toy(toy, facts, tmp_path / "out", include_text=False)
    pair = load_pair(tmp_path / "out", "toy")
    captions = [caption for rows in pair.values() for row in rows for caption in row.captions]
    assert len(captions) == 10
    assert {(c.text, c.tokens, c.evidence) for c in captions} == {("", "", ())}
    assert sum(c.violent for c in captions) == 3
    content = b"".join(tree_bytes(tmp_path / "out").values())
    for word in (b"waves", b"white cat", b"then kicks", b"he/PRON"):
        assert word not in content
    build_toy(toy, facts, tmp_path / "with")
    assert b"then kicks" in b"".join(tree_bytes(tmp_path / "with").values())


def test_without_lists_everything_is_in_train_sorted(toy, facts, tmp_path):
    report = build(read_source(toy[0], "humanml3d"), facts=facts, out=tmp_path / "out")
    assert list(report.configs[0].splits) == ["train"]
    assert report.inputs.splits_sha256 == {}
    for rows in load_pair(tmp_path / "out", "toy").values():
        assert [row.clip_id for row in rows] == sorted(row.clip_id for row in rows)


def test_large_sets_are_spread_over_shards(facts, tmp_path):
    clips = [Clip(f"{n:06d}", (Caption(f"{n}_0", f"kicks {n}", "kick/VERB"),)) for n in range(97)]
    report = build(clips, facts=facts, out=tmp_path / "one")
    (whole,) = report.files["forget"]["violence-keywords"]["train"]
    report = build(clips, facts=facts, out=tmp_path / "many", max_shard_bytes=whole.num_bytes // 4)
    files = report.files["forget"]["violence-keywords"]["train"]
    assert len(files) >= 4
    assert sum(file.rows for file in files) == 97
    assert max(file.rows for file in files) - min(file.rows for file in files) <= 1
    for number, file in enumerate(files):
        assert Path(file.path).name == (
            f"train-{number:05d}-of-{len(files):05d}-{file.sha256[:12]}.parquet"
        )
    one, many = (load_rows(tmp_path / name / "hmu/toy-forget") for name in ("one", "many"))
    assert one == many


def test_clips_in_memory(facts, tmp_path):
    clip = Clip("b", (Caption("b_0", "kicks", "kick/VERB"),), num_frames=60, motion_path="x/b.npy")
    other = Clip("a", (Caption("a_0", "walks", "walk/VERB", line="kick"),))
    report = build([clip, other], facts=facts, out=tmp_path / "out")
    assert report.inputs.format == "memory"
    rows = load_rows(tmp_path / "out/hmu/toy-forget")
    assert [(r.clip_id, r.num_frames, r.motion_path) for r in rows] == [
        ("a", None, "joints/a.npy"),
        ("b", 60, "x/b.npy"),
    ]
    again = SourceClips.of([other, clip])
    assert again.sha256 == report.inputs.captions_sha256
    assert SourceClips.of([other, replace(clip, num_frames=61)]).sha256 != again.sha256
    for bad, told in (
        ([clip, clip], "b: the clip is given twice"),
        ([replace(clip, captions=())], "b: the clip has no captions"),
        ([replace(clip, clip_id="../b")], "the clip id has a part"),
    ):
        with pytest.raises(InputError, match=told):
            build(bad, facts=facts, out=tmp_path / "out")


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
caption = st.tuples(text, text, st.floats(0, 20), st.floats(0, 20))
identity = st.text("M01ab", min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(identity, st.lists(caption, min_size=1, max_size=3), min_size=1, max_size=6),
    st.dictionaries(identity, st.sampled_from(["train", "validation", "test"]), max_size=8),
    st.integers(1, 3),
    st.dictionaries(identity, st.integers(1, 10_000), max_size=8),
)
def test_any_clips_and_lists_give_a_partition_that_reads_back(
    tmp_path_factory, facts, texts, splits, minimum, lengths
):
    clips = [
        Clip(
            clip_id,
            tuple(
                Caption(f"{clip_id}_{n}", words, tokens, start, end)
                for n, (words, tokens, start, end) in enumerate(captions)
            ),
        )
        for clip_id, captions in texts.items()
    ]
    lists = SplitLists.of(
        {
            split: [clip_id for clip_id, where in splits.items() if where == split]
            for split in ("train", "validation", "test")
        }
    )
    out = tmp_path_factory.mktemp("out")
    usable = {clip_id for clip_id in texts if clip_id in splits}
    options = {"splits": lists, "concepts": ["violence", "kick"], "min_occurrence": minimum}
    options["num_frames"] = lengths
    if not usable:
        with pytest.raises(InputError, match="has a text"):
            build(clips, facts=facts, out=out, **options)
        return
    report = build(clips, facts=facts, out=out, **options)
    by_id = {clip.clip_id: clip for clip in clips}
    for config in report.configs:
        rows = [row for rows in load_pair(out, "toy", config.name).values() for row in rows]
        assert sorted(row.clip_id for row in rows) == sorted(usable)
        for row in rows:
            clip = by_id[row.clip_id]
            assert row.split == splits[row.clip_id]
            assert (row.source, row.mirrored) == ("toy", clip.mirrored)
            assert row.motion_path == f"joints/{row.clip_id}.npy"
            assert row.num_frames == lengths.get(row.clip_id)
            assert row.score == max(c.score for c in row.captions)
            given = [(c.caption_id, c.text, c.tokens, c.start, c.end) for c in clip.captions]
            back = [(c.caption_id, c.text, c.tokens, c.start, c.end) for c in row.captions]
            assert back == given
            violent = sum(any(k in c.text for k in config.keywords) for c in clip.captions)
            assert row.label == ("forget" if violent >= minimum else "retain")
            assert sum(c.violent for c in row.captions) == violent
    whole = report.integrity
    assert whole.used + whole.missing_texts.count == whole.listed
    assert whole.unlisted.count == len(texts) - len(usable)
