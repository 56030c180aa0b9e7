"""Motion-X's humanml: the captions and the labels of HumanML3D."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hmu_bench.concepts import load_concept
from hmu_bench.datasets import SplitLists, borrow, read_source
from hmu_bench.datasets.configs import make_config
from hmu_bench.datasets.model import Caption, Clip
from hmu_bench.datasets.partition import judge_clips
from hmu_bench.datasets.readers import SourceClips
from hmu_bench.errors import InputError
from tests.datasets.toys import build


def clip(clip_id, *texts, **fields):
    captions = tuple(Caption(f"{clip_id}_{n}", text, "") for n, text in enumerate(texts))
    mirrored = clip_id.rpartition("/")[2].startswith("M")
    return Clip(clip_id, captions, mirrored, **fields)


def lend(source, lender, lists=None):
    return borrow(
        SourceClips.of(source),
        SourceClips.of(lender),
        lender_name="humanml3d",
        folder="humanml",
        lists=lists,
    )


def test_captions_are_replaced_added_and_named():
    lists = SplitLists.of({"test": ["humanml/000002", "humanml/000009", "kungfu/a"]})
    source = lend(
        [
            clip("humanml/000001", "own", motion_path="m/1.npy"),
            clip("humanml/000003", "own"),
            clip("kungfu/a", "kungfu"),
        ],
        [clip("000001", "lent", "twice"), clip("000002", "two"), clip("000004", "not asked for")],
        lists,
    )
    by_id = {one.clip_id: one for one in source.clips}
    assert list(by_id) == ["humanml/000001", "humanml/000002", "humanml/000003", "kungfu/a"]
    first = by_id["humanml/000001"]
    assert [(c.caption_id, c.text) for c in first.captions] == [
        ("humanml/000001_0", "lent"),
        ("humanml/000001_1", "twice"),
    ]
    assert (first.judged_as, first.motion_path) == ("humanml3d", "m/1.npy")
    assert by_id["humanml/000003"].captions[0].text == "own", "HumanML3D does not have it"
    assert by_id["kungfu/a"].judged_as is None
    assert source.borrowed is not None
    assert source.borrowed.clips == 2
    assert source.borrowed.without == ("humanml/000003", "humanml/000009")
    assert (
        source.sha256
        == SourceClips.of(
            [
                clip("humanml/000001", "own", motion_path="m/1.npy"),
                clip("humanml/000003", "own"),
                clip("kungfu/a", "kungfu"),
            ]
        ).sha256
    )


def test_without_lists_only_what_the_source_has_and_twins_aside():
    source = lend(
        [clip("humanml/000001", "own"), clip("humanml/M000002", "own")],
        [clip(f"{m}00000{n}", f"{m}{n}") for n in (1, 2, 3) for m in ("", "M")],
    )
    assert [one.clip_id for one in source.clips] == ["humanml/000001", "humanml/M000002"]
    assert sorted(source.aside) == ["humanml/000002", "humanml/M000001"]


def test_a_broken_text_of_the_lender_stops_the_clip_and_an_own_broken_one_does_not(
    tmp_path, write_texts, facts
):
    lender = read_source(
        write_texts(tmp_path / "lender", {"000001": "broken", "000002": "a#a/X#0#0", "7": "no"}),
        "humanml3d",
    )
    source = read_source(
        write_texts(
            tmp_path / "own",
            {"humanml/000001": "own", "humanml/000002": b"\xff", "dance/x": "dance"},
            prefix="semantic_labels/",
        ),
        "motionx",
    )
    joined = borrow(source, lender, lender_name="humanml3d", folder="humanml")
    (problem,) = joined.problems
    assert problem.clip_id == "humanml/000001"
    assert problem.where.endswith("lender/texts/000001.txt")
    assert [one.clip_id for one in joined.clips] == ["dance/x", "humanml/000002"]
    with pytest.raises(InputError, match=r"lender/texts/000001.txt:1"):
        build(joined, facts=facts, out=tmp_path / "out")
    report = build(joined, facts=facts, out=tmp_path / "out", skip_bad=True)
    assert report.integrity.used == 2


words = st.lists(
    st.sampled_from(["kicks", "a sword", "a hook", "boxes", "taekwondo", "walks", "hits"]),
    min_size=1,
    max_size=2,
)
twins = [f"{m}00000{n}" for n in range(4) for m in ("", "M")]


def labels(name, clips, rule, aside=()):
    config = make_config(load_concept("violence"), rule, name, judged_as={"humanml3d"})
    found = judge_clips(clips, config, {one.clip_id: one for one in aside})
    return {one.clip_id: verdict.label for one, verdict in zip(clips, found, strict=True)}


@pytest.mark.parametrize("rule", ["keywords", "calibrated"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(twins), words, min_size=1),
    st.dictionaries(st.sampled_from(twins), words, min_size=1),
)
@pytest.mark.usefixtures("calibrated")
def test_the_two_sources_never_disagree(rule, texts, own):
    """Whatever each of them has: a clip that both have is forget in both or in neither."""
    lender = [clip(clip_id, *captions) for clip_id, captions in texts.items()]
    joined = lend([clip(f"humanml/{i}", *captions) for i, captions in own.items()], lender)
    theirs = labels("humanml3d", lender, rule)
    ours = labels("motionx", joined.clips, rule, joined.aside.values())
    for clip_id in own:
        halves = {clip_id.removeprefix("M"), f"M{clip_id.removeprefix('M')}"}
        if clip_id in texts:
            assert ours[f"humanml/{clip_id}"] == theirs[clip_id]
        else:
            assert (f"humanml/{clip_id}" in ours) == (not halves & set(texts) & set(own))
    assert {problem.clip_id for problem in joined.problems} | set(ours) == {
        f"humanml/{clip_id}" for clip_id in own
    }


def test_the_report_and_the_card_tell_it(tmp_path, facts):
    lender = [clip("000001", "a hook"), clip("000002", "walks")]
    source = [clip("humanml/000001", "x"), clip("humanml/000003", "x"), clip("dance/a", "a hook")]
    report = build(lend(source, lender), facts=facts, out=tmp_path)
    assert report.inputs.borrowed is not None
    assert report.inputs.borrowed.captions_sha256 == SourceClips.of(lender).sha256
    assert report.inputs.borrowed.without.examples == ["humanml/000003"]
    assert report.integrity.judged_as == {"humanml3d": 1}
    card = (tmp_path / "hmu/toy-retain/README.md").read_text("utf-8")
    assert (
        "1 clips are clips of `humanml3d` too and are judged as such: 1 of them by the captions of "
        "`humanml3d`; 1 have none there."
    ) in card
