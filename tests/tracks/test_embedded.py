"""Every track that ships: loadable by name, small, made from what ships beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from builders.sample import clips, facts, splits
from builders.track import run
from hmu_bench import sample
from hmu_bench.datasets import build
from hmu_bench.evaluators.loading import load_evaluator
from hmu_bench.scoring import score_real
from hmu_bench.tracks import Track, known_tracks, load_track
from hmu_bench.tracks.identity import check_evaluator
from hmu_bench.tracks.pack import EMBEDDED

NAMES = sorted(path.name for path in EMBEDDED.iterdir()) if EMBEDDED.is_dir() else []
MAX_BYTES = 2_200_000


@pytest.fixture(scope="module")
def motions(tmp_path_factory) -> Path:
    """The sample's motions; twins of the test clips only, which the paper's prompts ask for."""
    root = tmp_path_factory.mktemp("sample-motions")
    ids = [c.clip_id for c in sample.clips() if not c.mirrored or c.split == "test"]
    sample.write_motions(ids, root)
    return root


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

    def test_it_is_what_the_builder_makes(self, name, motions, tmp_path):
        """Built anew from the sample: the same prompts, and the same statistics.

        On another machine the last digits may differ.
        """
        shipped = load_track(name)
        info = shipped.info
        build(
            clips(),
            facts=facts(),
            out=tmp_path,
            splits=splits(),
            concepts=[info.concept],
            rules=[info.rule],
        )
        run(
            dataset=tmp_path,
            source="sample",
            config=info.provenance.dataset_config,
            motions=motions,
            out=tmp_path / "tracks",
            name=name,
            version=info.version,
            license_name=info.license,
        )
        made = load_track(tmp_path / "tracks" / name)
        assert made.prompts == shipped.prompts
        assert told(made) == told(shipped)
        for one, other in zip(*(tensors(track) for track in (made, shipped)), strict=True):
            assert one[0] == other[0]
            np.testing.assert_allclose(one[1], other[1], rtol=1e-4, atol=1e-4, err_msg=one[0])


def told(track: Track) -> dict[str, object]:
    """What track.yaml tells, but for the hashes of files that differ in last digits."""
    told = track.info.model_dump(exclude={"files", "detector"})
    quality = track.info.detector
    if quality is not None:
        told["detector"] = {k: round(v, 3) for k, v in quality.model_dump().items()}
    for key in ("dataset_sha256", "motions_sha256", "package_version"):
        del told["provenance"][key]
    return told


def tensors(track: Track) -> list[tuple[str, np.ndarray]]:
    return sorted(load_file(track.folder / "reference.safetensors").items())
