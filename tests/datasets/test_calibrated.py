"""The default rule on real captions: forget if any caption of the clip or of its twin is violent.

What a caption is, is asked of the classifier one by one, and what follows for the clips is worked
out here from the text files, apart from our readers and from the code that splits.
"""

from __future__ import annotations

import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hmu_bench as hb
from hmu_bench.concepts import load_concept
from hmu_bench.datasets import load_pair, read_report
from hmu_bench.datasets.configs import make_config
from hmu_bench.datasets.model import Caption, Clip
from hmu_bench.datasets.partition import judge_clips
from tests.datasets.loading import check_repository, head_of


@pytest.fixture(scope="module")
def real(shared) -> dict[str, list[tuple[str, float, float]]]:
    """Clip id -> its captions with start and end, read by hand."""
    found = {}
    with zipfile.ZipFile(shared / "data/humanml3d/texts.zip") as archive:
        for name in archive.namelist():
            lines = archive.read(name).decode().split("\n") if name.endswith(".txt") else []
            parts = [line.split("#") for line in lines if line.strip()]
            if parts:
                clip_id = name.removeprefix("texts/").removesuffix(".txt")
                found[clip_id] = [(p[0], float(p[2]), float(p[3])) for p in parts]
    return found


@pytest.fixture(scope="module")
def violent(real) -> dict[str, bool]:
    """Caption -> whether the rule calls it violent."""
    texts = sorted({text for captions in real.values() for text, _, _ in captions})
    judgements = hb.classify(texts, rule="calibrated")
    return {text: judgement.violent for text, judgement in zip(texts, judgements, strict=True)}


@pytest.fixture(scope="module")
def built(shared, tmp_path_factory, builders_command):
    """HumanML3D by the builder, under the paper's rule and the default."""
    out = tmp_path_factory.mktemp("both")
    data = shared / "data/humanml3d"
    result = builders_command(
        *("humanml3d", "--texts", data / "texts.zip", "--splits", data, "--out", out),
        *("--rule", "keywords", "--rule", "calibrated"),
    )
    assert result.returncode == 0, result.stderr
    return out


def test_real_clips_are_forget_if_they_or_their_twins_have_a_violent_caption(built, real, violent):
    pair = load_pair(built, "humanml3d")
    assert {row.clip_id for rows in pair.values() for row in rows} == set(real)
    labels = {row.clip_id: row.label for rows in pair.values() for row in rows}
    by_twin, by_part = set(), set()
    for clip_id, label in labels.items():
        base = clip_id.removeprefix("M")
        own, both = real[clip_id], real.get(base, []) + real.get(f"M{base}", [])
        assert label == ("forget" if any(violent[text] for text, _, _ in both) else "retain")
        assert labels.get(base, label) == labels.get(f"M{base}", label) == label
        if label == "forget" and not any(violent[text] for text, _, _ in own):
            by_twin.add(clip_id)
        elif label == "forget" and not any(violent[t] for t, *times in own if times == [0.0, 0.0]):
            by_part.add(clip_id)
    (config,) = (c for c in read_report(built / "hmu/humanml3d-forget").configs if not c.keywords)
    assert config.forget_by_twin.count == len(by_twin)
    assert config.forget_by_part.count == len(by_part)
    assert by_part, "there is a clip that only a caption about a part of it makes violent"
    assert config.twins_apart.count == 0
    assert config.twin_pairs > 900


def test_captions_keep_their_own_labels(built, real, violent):
    for rows in load_pair(built, "humanml3d").values():
        for row in rows:
            assert [c.text for c in row.captions] == [text for text, _, _ in real[row.clip_id]]
            assert [c.violent for c in row.captions] == [violent[c.text] for c in row.captions]
            assert row.score == max(c.score for c in row.captions)
            assert all(c.score == round(c.score, 3) for c in row.captions)


def test_violence_is_the_default_configuration_of_both(built, hub, monkeypatch, tmp_path):
    """`load_dataset("hmu/humanml3d-forget")` needs no name; the paper's rule comes second."""
    monkeypatch.chdir(built)
    for role in ("forget", "retain"):
        folder = built / "hmu" / f"humanml3d-{role}"
        check_repository(hub, folder, f"humanml3d-{role}", tmp_path / "cache")
        plain = hub.load_dataset(f"hmu/humanml3d-{role}", cache_dir=str(tmp_path / "cache"))
        rows = load_pair(built, "humanml3d", "violence")[role]
        assert plain["test"]["clip_id"] == [row.clip_id for row in rows]
        head, body = head_of(folder)
        assert [c["config_name"] for c in head["configs"]] == ["violence", "violence-keywords"]
        assert f'load_dataset("hmu/humanml3d-{role}", "violence")' in body
        assert body.index("**Rule `calibrated`**") < body.index("**Rule `keywords`**")
    report = read_report(folder)
    assert [config.name for config in report.configs] == ["violence", "violence-keywords"]
    assert [(one.config, one.papers) for one in report.agreements] == [
        ("violence", "violence-keywords")
    ]
    assert report.agreements[0].both_forget > 50


ids = st.sampled_from([f"{mark}{number:06d}" for number in range(4) for mark in ("", "M")])


@settings(max_examples=60)
@given(st.data())
def test_any_clips_made_of_real_captions(real, violent, data):
    """Some clips are asked for, others only lie aside; a twin may be missing or say nothing."""
    pools = [[t for t in violent if violent[t]][:40], [t for t in violent if not violent[t]][:80]]
    times = st.sampled_from([(0.0, 0.0), (1.0, 2.5), (0.0, 4.0)])
    captions = st.tuples(st.sampled_from(pools).flatmap(st.sampled_from), times)
    drawn = data.draw(st.dictionaries(ids, st.lists(captions, min_size=1, max_size=3)))
    placed = data.draw(st.sets(st.sampled_from(sorted(drawn)))) if drawn else set()
    clips = {
        clip_id: Clip(
            clip_id,
            tuple(
                Caption(f"{clip_id}_{number}", text, "", *times)
                for number, (text, times) in enumerate(lines)
            ),
            mirrored=clip_id.startswith("M"),
        )
        for clip_id, lines in drawn.items()
    }
    asked = [clips[clip_id] for clip_id in drawn if clip_id in placed]
    aside = {clip_id: clip for clip_id, clip in clips.items() if clip_id not in placed}
    config = make_config(load_concept("violence"), "calibrated", "humanml3d")
    for clip, verdict in zip(asked, judge_clips(asked, config, aside), strict=True):
        base = clip.clip_id.removeprefix("M")
        own, other = drawn[clip.clip_id], drawn.get(base, []) + drawn.get(f"M{base}", [])
        assert (verdict.label == "forget") == any(violent[text] for text, _ in other)
        assert [j.violent for j in verdict.judgements] == [violent[text] for text, _ in own]
        assert verdict.by_twin == (
            verdict.label == "forget" and not any(violent[text] for text, _ in own)
        )


@pytest.mark.parametrize(
    "twin", [None, b"", b"\n  \n", b"a person kicks another person without tokens\n"]
)
def test_a_twin_without_captions_has_no_say(twin, tmp_path, builders_command, one_line_error):
    """Listed without a text: told and counted. With a text that holds none: stops, or left out."""
    line = "a person walks in a circle.#a/DET person/NOUN walk/VERB#0.0#0.0\n"
    kick = "the person kicks the other man.#the/DET person/NOUN kick/VERB#0.0#0.0\n"
    texts, lists, out = tmp_path / "texts", tmp_path / "lists", tmp_path / "out"
    texts.mkdir()
    lists.mkdir()
    (texts / "000001.txt").write_text(line, "utf-8")
    (texts / "000002.txt").write_text(kick, "utf-8")
    for clip_id in ("M000001", "M000002"):
        if twin is not None:
            (texts / f"{clip_id}.txt").write_bytes(twin)
    (lists / "test.txt").write_text("000001\nM000001\n000002\nM000002\n", "utf-8")
    options = ("humanml3d", "--texts", texts, "--splits", lists, "--out", out)
    if twin is not None:
        one_line_error(builders_command(*options), "M000001.txt", "--skip-bad")
        assert not out.exists()
        options = (*options, "--skip-bad")
    assert builders_command(*options).returncode == 0
    pair = load_pair(out, "humanml3d")
    found = {role: [row.clip_id for row in rows] for role, rows in pair.items()}
    assert found == {"forget": ["000002"], "retain": ["000001"]}
    whole = read_report(out / "hmu/humanml3d-forget").integrity
    some = whole.missing_texts if twin is None else whole.left_out
    assert some.examples == ["M000001", "M000002"]


def test_every_door_takes_it_by_default_and_refuses_other_concepts(
    tmp_path, hmu_bench_command, builders_command, one_line_error
):
    """What the lexicon is sure of, so that no door waits for the encoder."""
    (tmp_path / "texts").mkdir()
    for name, caption in (("1", "a man kicks another man"), ("2", "a white cat walks")):
        (tmp_path / f"texts/{name}.txt").write_text(f"{caption}#a/X#0.0#0.0\n", "utf-8")
    label = tmp_path / "semantic_labels" / "HAA500" / "subset_1" / "Kick_Someone_clip_1.txt"
    label.parent.mkdir(parents=True)
    label.write_text("a man kicks another man", "utf-8")
    texts, out = tmp_path / "texts", tmp_path / "out"
    split = (hmu_bench_command, "split", texts, "--format", "humanml3d", "--name", "mine")
    doors = {
        "mine": split,
        "humanml3d": (builders_command, "humanml3d", "--texts", texts),
        "kitml": (builders_command, "kitml", "--texts", tmp_path / "kitml.json"),
        "motionx": (builders_command, "motionx", "--texts", label.parents[2]),
    }
    segment = {"seg_id": "1_0", "text": "a man kicks another man", "start": 0.0, "end": 2.0}
    entry = {"path": "x", "duration": 2.0, "annotations": [segment]}
    (tmp_path / "kitml.json").write_text(json.dumps({"1": entry}), "utf-8")
    for name, (command, *arguments) in doors.items():
        done = command(*arguments, "--out", out)
        assert done.returncode == 0, (name, done.stderr)
        report = read_report(out / "hmu" / f"{name}-forget")
        assert [(c.name, c.rule) for c in report.configs] == [("violence", "calibrated")], name
        assert report.configs[0].splits["train"].forget == 1
        everything = command(*arguments, "--concept", "all", "--out", out)
        assert everything.returncode == 0, (name, everything.stderr)
        assert len(read_report(out / "hmu" / f"{name}-forget").configs) == 1
        one_line_error(
            command(*arguments, "--concept", "kick", "--out", tmp_path / "refused"),
            "no classifier is trained for the concept 'kick'",
            "use --rule keywords",
        )
        assert not (tmp_path / "refused").exists()
    report = hb.split(texts, format="humanml3d", name="mine", out=out)
    assert [config.name for config in report.configs] == ["violence"]
