"""`submission.yaml`: strict, in every key."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hmu_bench.submissions import SubmissionInfo
from tests.stand_ins import INFO


def test_every_key_of_the_design():
    info = SubmissionInfo.model_validate(
        {
            **INFO,
            "base_model": "momask",
            "unlearned": ["violence", "kick"],
            "authors": ["A", "B"],
            "paper": "https://example.org/p",
            "code": "https://example.org/c",
            "license": "MIT",
            "seed": 3,
            "notes": "n",
        }
    )
    assert info.representation == "humanml3d-263"
    assert SubmissionInfo.model_validate({k: INFO[k] for k in list(INFO)[:4]}).repeats == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Not A Slug"),
        ("name", "../x"),
        ("method", ""),
        ("method", "x" * 300),
        ("representation", "smpl"),
        ("repeats", 0),
        ("repeats", 1000),
        ("fps", 0),
        ("fps", float("nan")),
        ("fps", 30),  # features are of 20 fps
        ("paper", "javascript:alert(1)"),
        ("code", 'https://x"onclick='),
        ("seed", -1),
        ("unlearned", "violence"),
        ("authors", ["x"] * 1000),
        ("colour", "red"),
    ],
)
def test_refused(key, value):
    with pytest.raises(ValidationError):
        SubmissionInfo.model_validate({**INFO, key: value})


def test_joints_may_have_another_rate():
    info = {**INFO, "representation": "joints-22", "fps": 29.97}
    assert SubmissionInfo.model_validate(info).fps == 29.97
