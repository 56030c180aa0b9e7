"""Every track that ships: loadable by name, small, made from what ships beside it."""

from __future__ import annotations

import pytest

from builders.sample import clips, facts, splits
from builders._track_rows import read_config
from builders.track import add_written, plan
from hmu_bench.datasets import build, load_pair
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.scoring import score_real
from hmu_bench.tracks import known_tracks, load_track
from hmu_bench.tracks.identity import check_evaluator
from hmu_bench.tracks.pack import EMBEDDED

NAMES = sorted(path.name for path in EMBEDDED.iterdir()) if EMBEDDED.is_dir() else []
MAX_BYTES = 1_600_000


@pytest.mark.parametrize("name", NAMES)
class TestEmbedded:
    def test_by_name(self, name):
        assert known_tracks()[name] == EMBEDDED / name
        track = load_track(name)
        assert track.info.name == name
        assert track.info.license == "MIT"
        assert sum(path.stat().st_size for path in track.folder.iterdir()) < MAX_BYTES

    def test_the_evaluator_is_the_embedded_one(self, name):
        wanted = load_track(name).info.evaluator
        check_evaluator(load_evaluator(wanted.id, device="cpu"), wanted)

    def test_real_motions_are_what_they_should_be(self, name):
        record = score_real(name)
        for values in record.metrics.values():
            assert values["fid"].value < 0.1 * values["diversity"].value
            assert values["r_precision_3"].value > 3 * 3 / 32

    def test_the_prompts_are_those_of_the_sample(self, name, tmp_path):
        """Built anew from the sample's clips: the same prompts, ids and masked tokens."""
        track = load_track(name)
        build(
            clips(),
            facts=facts(),
            out=tmp_path,
            splits=splits(),
            concepts=[track.info.concept],
            rules=[track.info.rule],
        )
        config = track.info.provenance.dataset_config
        pair = load_pair(tmp_path, "sample", config, splits=["test"])
        rows = [*pair["forget"], *pair["retain"]]
        lengths = {row.clip_id: row.num_frames for row in rows}
        terms, words = track.info.mask_terms, track.info.mask_words
        planned = _plan(rows, lengths, "sample", terms, words, tmp_path)
        assert planned.prompts == track.prompts
