"""Text files: HumanML3D lines and Motion-X labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmu_bench.datasets import read_source
from hmu_bench.datasets.readers import lines
from hmu_bench.datasets.readers.humanml3d import parse_line
from hmu_bench.datasets.readers.source import BadLine
from hmu_bench.errors import InputError


@pytest.mark.parametrize("packed", ["in", "in.zip"])
def test_humanml3d_texts(tmp_path, write_texts, packed):
    source = read_source(write_texts(tmp_path / packed), "humanml3d")
    clips = {clip.clip_id: clip for clip in source.clips}
    assert list(clips) == sorted(clips)
    assert (source.problems, source.files, source.format) == ([], 8, "humanml3d")
    assert [len(clip.captions) for clip in clips.values()] == [2, 1, 1, 2, 1, 1, 1, 1]
    assert {clip_id for clip_id, clip in clips.items() if clip.mirrored} == {"M000001", "M000002"}
    punch = clips["000004"].captions[1]
    assert (punch.caption_id, punch.start, punch.end) == ("000004_1", 1.0, 2.5)
    assert not punch.whole_clip
    assert punch.tokens == "he/PRON punch/VERB then/ADV kick/VERB"
    assert punch.line == "he punches, then kicks.#he/PRON punch/VERB then/ADV kick/VERB#1.0#2.5"
    assert clips["000005"].captions[0].whole_clip, "NaN counts as 0"
    assert clips["000006"].captions[0].tokens == "a/DET woman/NOUN sit/VERB"
    assert clips["000006"].captions[0].tokens_by == "rules"
    assert clips["M000002"].captions[0].end == 0.0, "a carriage return does no harm"


@pytest.mark.parametrize(
    ("content", "line", "kind", "told"),
    [
        ("", None, "no captions", "no caption"),
        (" \n\n", None, "no captions", "no caption"),
        ("fine#a/X#0#0\na man kicks", 2, "unreadable line", "no '#'"),
        ("a#b/X", 1, "unreadable line", "only 2 fields"),
        ("\n#a/X#0#0", 2, "unreadable line", "blank"),
        ("a#kick#0#0", 1, "unreadable line", "'kick' is not word/POS"),
        ("a#a/X#zero#0", 1, "unreadable line", "no number"),
        ("a#a/X#-1#0", 1, "unreadable line", "not a number of seconds"),
        ("a#a/X#0#inf", 1, "unreadable line", "not a number of seconds"),
        (b"fine#a/X#0#0\ncaf\xe9#a/X#0#0", 2, "not UTF-8", "not UTF-8"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_left_out(
    tmp_path, write_texts, content, line, kind, told
):
    source = read_source(
        write_texts(tmp_path / "in", {"1": content, "2": "fine#a/X#0#0"}), "humanml3d"
    )
    assert [clip.clip_id for clip in source.clips] == ["2"]
    (problem,) = source.problems
    assert (problem.kind, problem.line, problem.clip_id) == (kind, line, "1")
    assert (problem.name, problem.where) == ("1.txt", f"{tmp_path}/in/texts/1.txt")
    assert told in problem.what


def test_every_bad_line_of_a_file_is_told(tmp_path, write_texts):
    source = read_source(write_texts(tmp_path / "in", {"1": "a\nb#a/X#0#0\nc\n"}), "humanml3d")
    assert [problem.line for problem in source.problems] == [1, 3]


def test_two_files_for_one_id(tmp_path, write_texts):
    write_texts(tmp_path / "in", {"1": "a#a/X#0#0", "2": "b#a/X#0#0"}, prefix="x/texts/")
    write_texts(tmp_path / "in", {"1": "other#a/X#0#0"}, prefix="y/texts/")
    source = read_source(tmp_path / "in", "humanml3d")
    assert [clip.clip_id for clip in source.clips] == ["2"]
    assert [(p.kind, p.clip_id) for p in source.problems] == [("duplicate id", "1")]


def test_a_byte_order_mark_is_no_part_of_the_caption(tmp_path, write_texts):
    source = read_source(write_texts(tmp_path / "in", {"1": "\ufeffkick#a/X#0#0"}), "humanml3d")
    assert source.clips[0].captions[0].text == "kick"


words = st.text(st.characters(exclude_characters="#\n", exclude_categories=["Cs"]), max_size=20)


@given(words, st.lists(st.sampled_from(["a/DET", "walk/VERB", "#/X", "x//Y"])), st.floats())
def test_any_line_is_read_or_refused(text, tokens, start):
    line = f"{text}#{' '.join(tokens)}#{start}#0.0"
    try:
        caption = parse_line("1_0", line)
    except BadLine:
        assert not text.strip() or start < 0 or start == float("inf") or "#/X" in tokens
    else:
        assert caption.text
        assert caption.line == line
        assert 0.0 <= caption.start < float("inf")
        if "#/X" not in tokens:
            assert caption.text == text.strip()
            assert caption.start == (0.0 if start != start else start)


@given(st.dictionaries(st.text("ab1", min_size=1, max_size=3), st.binary(max_size=40), min_size=1))
def test_every_file_gives_a_clip_or_a_problem(tmp_path_factory, write_texts, files):
    folder = write_texts(tmp_path_factory.mktemp("in"), files)
    for name in ("humanml3d", "motionx"):
        source = read_source(folder, name)
        clips = {clip.clip_id for clip in source.clips}
        broken = {problem.clip_id for problem in source.problems}
        assert clips | broken == set(files)
        assert not clips & broken


def test_motionx_labels(tmp_path, write_texts):
    labels = {
        "kungfu/subset_0001/Kick_clip_1": "kick\n",
        "game_motion/subset_0002/M4_Rifle": "m4 rifle\nshoots # twice",
        "humanml/M000001": "a man walks",
    }
    source = read_source(write_texts(tmp_path / "in", labels, "semantic_labels/"), "motionx")
    clips = {clip.clip_id: clip for clip in source.clips}
    assert set(clips) == set(labels)
    assert clips["kungfu/subset_0001/Kick_clip_1"].context == {"subset": "kungfu"}
    (kick,) = clips["kungfu/subset_0001/Kick_clip_1"].captions
    assert (kick.text, kick.tokens, kick.tokens_by) == ("kick", "kick/VERB", "rules")
    assert [c.text for c in clips["game_motion/subset_0002/M4_Rifle"].captions] == [
        "m4 rifle",
        "shoots # twice",
    ]
    assert [clip_id for clip_id, clip in clips.items() if clip.mirrored] == ["humanml/M000001"]


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(InputError, match=r"no format 'csv' .*annotations"):
        read_source(tmp_path, "csv")


def test_lines_and_files_have_a_length(tmp_path, write_texts):
    good = "a man walks#a/DET man/NOUN walk/VERB#0.0#0.0"
    texts = {
        "good": good,
        "long line": "x" * 20_000 + good,
        "long token": f"a#{'x' * 9000}#0#0",
        "many lines": f"{good}\n" * 10_002,
    }
    source = read_source(write_texts(tmp_path / "in.zip", texts), "humanml3d")
    assert [clip.clip_id for clip in source.clips] == ["good"]
    told = {problem.clip_id: problem.what for problem in source.problems}
    assert told["long line"] == "the line is longer than 10,000 characters"
    assert told["many lines"] == "the file has more than 10,000 lines"
    assert len(told["long token"]) <= 300


@pytest.mark.parametrize("line", ["a#a/X#0#0", "no caption"])
def test_captions_and_problems_are_counted(tmp_path, write_texts, monkeypatch, line):
    """A megabyte of two-letter lines unpacks from a kilobyte and costs hundreds of megabytes."""
    monkeypatch.setattr(lines, "MAX_CAPTIONS", 5)
    monkeypatch.setattr(lines, "MAX_PROBLEMS", 5)
    path = write_texts(tmp_path / "in.zip", {"1": f"{line}\n" * 3, "2": f"{line}\n" * 3})
    with pytest.raises(InputError, match="more than 5 captions or 5 problems"):
        read_source(path, "humanml3d")


LABELS = {
    "kungfu/subset_0001/Kick_1": "kungfu kick",
    "EgoBody/recording/001": "a person talks",
    "humanml/000001": "a man kicks#a/DET man/NOUN kick/VERB#0.0#0.0",
    "humanml/M000001": "kicking",
}


@pytest.mark.parametrize(
    "spelled",
    [
        {"kungfu": "kungfu", "EgoBody": "EgoBody", "humanml": "humanml"},
        {"kungfu": "KungFu", "EgoBody": "egobody", "humanml": "HumanML3D"},
        {"kungfu": "Kung_Fu", "EgoBody": "Ego-Body", "humanml": "humanml/texts"},
    ],
)
@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "semantic_labels/",
        "a/texts/semantic_labels/",
        "text/semantic_label/",
        "motionx_seq_text/",
    ],
)
@pytest.mark.parametrize("packed", ["in", "in.zip"])
def test_subsets_of_motionx_in_any_spelling_of_the_tree(
    tmp_path, write_texts, spelled, prefix, packed
):
    texts = {}
    for name, label in LABELS.items():
        first, _, rest = name.partition("/")
        texts[f"{spelled[first]}/{rest}"] = label
    source = read_source(write_texts(tmp_path / packed, texts, prefix=prefix), "motionx")
    clips = {clip.clip_id: clip for clip in source.clips}
    assert list(clips) == sorted(LABELS)
    assert source.problems == []
    kick, lent, short = (clips[i] for i in ("kungfu/subset_0001/Kick_1", *list(LABELS)[2:]))
    assert (kick.context, kick.judged_as) == ({"subset": "kungfu"}, None)
    assert (lent.context, lent.judged_as) == ({}, "humanml3d")
    assert lent.captions[0].text == "a man kicks"
    assert lent.captions[0].tokens == "a/DET man/NOUN kick/VERB"
    assert lent.captions[0].tokens_by == "source"
    assert (short.mirrored, short.captions[0].text) == (True, "kicking")


def test_other_folders_of_texts_beside_the_labels_are_not_read(tmp_path, write_texts):
    texts = {
        "semantic_labels/dance/a": "dance",
        "face_texts/dance/a": "smiles",
        "body_texts/dance/a": "arms up",
    }
    source = read_source(write_texts(tmp_path / "in", texts, prefix="texts/"), "motionx")
    assert [clip.captions[0].text for clip in source.clips] == ["dance"]


def test_without_one_folder_of_all_subsets_names_stay_as_they_are(tmp_path, write_texts):
    texts = {"a/dance/x": "dance", "b/dance/y": "dance", "mine/z": "walk"}
    source = read_source(write_texts(tmp_path / "in", texts, prefix=""), "motionx")
    assert [clip.clip_id for clip in source.clips] == ["a/dance/x", "b/dance/y", "mine/z"]
    write_texts(tmp_path / "one", {"a/dance/x": "dance", "mine/z": "walk"}, prefix="")
    source = read_source(tmp_path / "one", "motionx")
    assert [clip.clip_id for clip in source.clips] == ["dance/x", "mine/z"], "none is lost"


def test_one_clip_in_two_spellings_is_told(tmp_path, write_texts):
    texts = {"Dance/a": "dance", "dance/a": "dance", "dance/b": "dance"}
    source = read_source(write_texts(tmp_path / "in", texts, prefix=""), "motionx")
    assert [(p.kind, p.clip_id) for p in source.problems] == [("duplicate id", "dance/a")]
    assert [clip.clip_id for clip in source.clips] == ["dance/b"]


def test_lines_of_humanml3d_in_the_tree_of_motionx(tmp_path, write_texts):
    texts = {"HumanML/000001": "a man kicks#kick/VERB#0#0", "Kungfu/x": "kungfu#kungfu/NOUN#0#0"}
    path = write_texts(tmp_path / "in", texts)
    source = read_source(path, "humanml3d", motionx_tree=True)
    assert [(c.clip_id, c.judged_as, c.context) for c in source.clips] == [
        ("humanml/000001", "humanml3d", {}),
        ("kungfu/x", None, {"subset": "kungfu"}),
    ]
    plain = read_source(path, "humanml3d")
    assert [clip.clip_id for clip in plain.clips] == ["HumanML/000001", "Kungfu/x"]


def test_a_broken_line_of_humanml3d_in_humanml_is_told(tmp_path, write_texts):
    texts = {"humanml/000001": "a man kicks#kick#0#0", "dance/c#1#2#3": "a#b#c#d"}
    source = read_source(write_texts(tmp_path / "in", texts, prefix=""), "motionx")
    assert [(p.kind, p.clip_id, p.line) for p in source.problems] == [
        ("unreadable line", "humanml/000001", 1)
    ]
    assert source.clips[0].captions[0].text == "a#b#c#d"
