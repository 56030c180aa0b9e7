"""What changed between two builds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.datasets import load_pair, read_report
from hmu_bench.datasets.changes import KINDS, compare, made_differently
from hmu_bench.datasets.model import Caption, Clip, LabelledCaption, LabelledClip
from tests.datasets.toys import build


def row(clip_id, label="retain", split="train", text="walks", category="none", **fields):
    violent = label == "forget"
    caption = LabelledCaption(
        f"{clip_id}_0", text, "", 0.0, 0.0, violent, float(violent), category, ("e",) * violent
    )
    given = LabelledClip(
        *(clip_id, "toy", split, False, (caption,), label, float(violent), category, True),
        motion_path="x.npy",
        num_frames=None,
    )
    return replace(given, **fields)


def pair(*rows):
    return {role: [one for one in rows if one.label == role] for role in ("forget", "retain")}


def ids(changes):
    return {kind: [c.clip_id for c in getattr(changes, kind)] for kind in KINDS}


def test_every_kind_of_change():
    kick = {"label": "forget", "category": "kick"}
    before = pair(
        *(row("same"), row("gone"), row("up"), row("down", **kick), row("wandered")),
        *(row("reworded"), row("rejudged", **kick), row("measured")),
    )
    after = pair(
        *(row("same"), row("new", **kick), row("up", **kick), row("down")),
        *(row("wandered", split="test"), row("reworded", text="runs")),
        *(row("rejudged", "forget", category="punch"), row("measured", num_frames=40)),
    )
    found = compare("violence", before, after)
    assert ids(found) == {
        "added": ["new"],
        "removed": ["gone"],
        "to_forget": ["up"],
        "to_retain": ["down"],
        "split_changed": ["wandered"],
        "otherwise": ["rejudged", "reworded", "measured"],
    }
    assert found.same == 1
    assert found.moved_by_category == {"to_forget": {"kick": 1}, "to_retain": {"kick": 1}}
    assert [c.changed for c in found.otherwise] == [["judgement"], ["words"], ["motion"]]
    up = found.to_forget[0]
    assert up.before is not None
    assert up.after is not None
    assert (up.before.label, up.after.category, up.captions, up.evidence) == (
        "retain", "kick", ["* walks"], ["e"],
    )  # fmt: skip
    assert found.removed[0].after is None
    assert found.removed[0].captions == ["walks"]
    assert found.before == {"forget": 2, "retain": 6}
    assert found.differs


def test_a_configuration_that_only_one_build_has():
    found = compare("kick", None, pair(row("a")))
    assert (found.before, found.after) == ({}, {"forget": 0, "retain": 1})
    assert ids(found)["added"] == ["a"]
    assert compare("kick", pair(row("a")), None).differs


rows = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(
        st.sampled_from(["forget", "retain"]),
        st.sampled_from(["train", "test"]),
        st.sampled_from(["walks", "runs"]),
    ),
)


@given(rows, rows)
def test_every_clip_is_in_one_list_and_the_way_back_mirrors_it(first, second):
    before, after = (
        pair(*(row(i, label, split, text) for i, (label, split, text) in given.items()))
        for given in (first, second)
    )
    there, back = ids(compare("c", before, after)), ids(compare("c", after, before))
    named = [clip_id for clip_ids in there.values() for clip_id in clip_ids]
    assert len(named) == len(set(named))
    same = [i for i in first if first[i] == second.get(i)]
    assert compare("c", before, after).same == len(same)
    assert set(named) == (set(first) | set(second)) - set(same)
    assert {k: sorted(v) for k, v in there.items()} == {
        kind: sorted(back[other])
        for kind, other in (
            ("added", "removed"),
            ("removed", "added"),
            ("to_forget", "to_retain"),
            ("to_retain", "to_forget"),
            ("split_changed", "split_changed"),
            ("otherwise", "otherwise"),
        )
    }


def test_two_real_builds(tmp_path, facts):
    def clips(text):
        return [Clip("1", (Caption("1_0", text, ""),)), Clip("2", (Caption("2_0", "waves", ""),))]

    build(clips("walks"), facts=facts, out=tmp_path / "a")
    build(clips("kicks"), facts=facts, out=tmp_path / "b", concepts=["violence", "kick"])
    first, second = (read_report(tmp_path / name / "hmu/toy-forget") for name in "ab")
    made = made_differently(first, second)
    assert made["captions"][0] == first.inputs.captions_sha256
    assert made["kick-keywords: rule"] == (None, "keywords 1")
    assert made_differently(first, first) == {}
    found = compare(
        "violence-keywords",
        *(load_pair(tmp_path / name, "toy", "violence-keywords") for name in "ab"),
    )
    assert ids(found)["to_forget"] == ["1"]
    assert found.same == 1
