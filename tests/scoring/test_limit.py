"""A dry run: the first prompts of every set, told in the record, never complete."""

from __future__ import annotations

from collections import Counter

import pytest

import hmu_bench as hb
from hmu_bench.errors import InputError
from hmu_bench.records import read_record
from hmu_bench.scoring.limit import first_prompts
from tests.stand_ins import random_answers, write_submission


def test_the_first_by_id_of_every_set(stand_in_track):
    limited = first_prompts(stand_in_track, 5)
    for name in stand_in_track.info.prompts:
        ids = sorted(p.prompt_id for p in stand_in_track.prompts_of(name))
        assert [p.prompt_id for p in limited.prompts_of(name)] == ids[:5]
    assert len(limited.prompts) == 5 * len(stand_in_track.info.prompts)
    assert limited.reference["retain"].embeddings.shape == (
        stand_in_track.reference["retain"].embeddings.shape
    )
    assert first_prompts(stand_in_track, 10**6).prompts == stand_in_track.prompts
    assert first_prompts(stand_in_track, None) is stand_in_track
    for limit in (0, -1):
        with pytest.raises(InputError, match="give 1 or more"):
            first_prompts(stand_in_track, limit)


@pytest.mark.parametrize("protocol", ["paper", "hmu-1"])
@pytest.mark.parametrize("limit", [1, 6, 10**6])
def test_a_dry_run_says_so(stand_in_track, stand_in_evaluator, tmp_path, protocol, limit):
    """Only the prompts that are scored need an answer."""
    asked = first_prompts(stand_in_track, limit)
    answers = {
        name: array
        for name, array in random_answers(stand_in_track, 2).items()
        if name.split("/")[0] in asked.by_id
    }
    folder = write_submission(tmp_path / "s", answers, repeats=2)
    record = hb.score(
        folder, stand_in_track, protocol=protocol, evaluator=stand_in_evaluator, limit=limit
    )
    prompts = Counter(p.prompt_set for p in asked.prompts)
    assert record.dry_run
    assert record.coverage.prompts == len(stand_in_track.prompts)
    assert record.coverage.answered == len(asked.prompts)
    assert record.provenance.command.endswith(f" --limit {limit}")
    flags = {flag.name: flag.count for flag in record.flags}
    assert flags.get("coverage", 0) == len(stand_in_track.prompts) - len(asked.prompts)
    for name, values in record.metrics.items():
        assert values["mm_dist"].n == prompts[name]
    if len(asked.prompts) == len(stand_in_track.prompts):
        whole = hb.score(folder, stand_in_track, protocol=protocol, evaluator=stand_in_evaluator)
        assert (whole.metrics, whole.dry_run) == (record.metrics, False)
    else:
        with pytest.raises(InputError, match=r"no motion for repeats 0, 1 \(and \d+ more"):
            hb.score(folder, stand_in_track, protocol=protocol, evaluator=stand_in_evaluator)


def test_what_is_asked_for_must_be_there(stand_in_track, stand_in_evaluator, tmp_path):
    answers = random_answers(stand_in_track, 1)
    first = stand_in_track.prompts[0].prompt_id
    del answers[f"{first}/0"]
    folder = write_submission(tmp_path / "s", {**answers, "f" * 16 + "/0": answers[max(answers)]})
    with pytest.raises(InputError, match=rf"\[{first}\].*no motion for repeat 0 \(and 1 more"):
        hb.score(folder, stand_in_track, evaluator=stand_in_evaluator, limit=3)


def test_the_command(
    stand_in_track, stand_in_evaluator, tmp_path, hmu_bench_command, one_line_error
):
    folder = write_submission(tmp_path / "s", random_answers(stand_in_track, 1))
    common = (
        "score", folder, "--track", stand_in_track.folder,
        "--evaluator", stand_in_evaluator.folder, "-o", tmp_path / "r.json",
    )  # fmt: skip
    one_line_error(hmu_bench_command(*common, "--limit", "0"), "give 1 or more")
    one_line_error(hmu_bench_command(*common, "--checkpoint-every", "7"), "a multiple of 32")
    result = hmu_bench_command(*common, "--limit", "4")
    assert result.returncode == 0, result.stderr
    assert read_record(tmp_path / "r.json").dry_run
    one_line_error(
        hmu_bench_command("score", "--real", "--track", stand_in_track.folder, "--limit", "4"),
        "--real does not take",
    )
