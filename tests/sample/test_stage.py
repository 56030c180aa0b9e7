from __future__ import annotations

import numpy as np

from hmu_bench.sample.stage import MAX_FRAMES, MIN_FRAMES, Draw, Stage, draw_body, play

PLAIN = {"size": 1.0, "heading": 0.0, "tail": 0.0, "phase": 0.0}


def test_tempo_shortens_what_is_played_but_not_pauses():
    slow, fast = Stage(0.8), Stage(1.6)
    for stage in (slow, fast):
        stage.then(0.8)
        stage.wait(0.5)
    assert np.isclose(slow.now, 1.5)
    assert np.isclose(fast.now, 1.0)


def test_places_follow_the_heading():
    stage = Stage()
    stage.heading = np.pi / 2  # turned to the left: ahead is +X
    assert np.allclose(stage.spot(0.0, 2.0), (2.0, 0.0))
    assert stage.point == (0.0, 0.0)
    stage.go(1.0, 0.0)
    assert np.allclose(stage.point, (0.0, -1.0))


def test_the_length_is_kept_between_the_bounds():
    assert len(play(Stage(), PLAIN)) == MIN_FRAMES + 1
    long = Stage()
    long.wait(30.0)
    assert len(play(long, PLAIN)) == MAX_FRAMES + 1


def test_trimming_cuts_off_the_beginning():
    def waved(trim):
        stage = Stage()
        stage.then(1.0, right_hand=(-0.3, 0.3, 0.2))
        stage.wait(3.0)
        return play(stage, {**PLAIN, "trim": trim})

    whole, cut = waved(0.0), waved(0.5)
    assert len(whole) - len(cut) == 10
    assert np.allclose(whole[20:60], cut[10:50], atol=5e-3)


def test_a_body_is_drawn_within_its_bounds():
    for seed in range(50):
        params = draw_body(Draw(seed))
        assert 0.9 <= params["size"] <= 1.1
        assert 0.7 < params["tempo"] < 1.4
        assert params["pause"] + params["tail"] < 1.01
