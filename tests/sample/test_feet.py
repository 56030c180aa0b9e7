from __future__ import annotations

import numpy as np

from hmu_bench.sample.feet import LEFT, RIGHT, SIDEWAYS, Feet

AT = np.arange(81) / 20
FOOT = 0.1464


def balls(curves):
    return curves.ankles + FOOT * curves.toes


def test_standing_feet_do_not_move_and_the_pelvis_is_between_them():
    curves = Feet().curves(AT)
    assert np.ptp(balls(curves), axis=0).max() == 0.0
    assert np.allclose(curves.centre, 0.0, atol=0.02)
    assert np.allclose(curves.ankles[..., 1], 0.075, atol=1e-3)


def test_a_step_starts_and_lands_where_it_was_told_to():
    feet = Feet()
    before = feet.at[RIGHT]
    feet.place(RIGHT, 1.0, 0.5, (0.2, 0.7), heading=0.4)
    curves = feet.curves(AT)
    right = balls(curves)[:, RIGHT]
    planted = (AT <= 1.0) | (AT >= 1.5)
    assert np.allclose(right[AT <= 1.0][:, [0, 2]], [before[0], before[1]])
    x, z, _ = feet.at[RIGHT]
    assert np.allclose(right[AT >= 1.5][:, [0, 2]], [x, z], atol=0.03)  # the toes come down
    assert np.allclose(right[AT >= 1.7][:, [0, 2]], [x, z])
    assert right[~planted, 1].max() > 0.06
    assert right[..., 1].min() > 0.0


def test_the_heel_rises_before_the_ball_of_the_foot_leaves():
    feet = Feet()
    feet.place(RIGHT, 1.0, 0.5, (0.0, 0.6), heel=0.5)
    curves = feet.curves(AT)
    rising = (AT > 0.8) & (AT <= 1.0)
    assert (np.diff(curves.ankles[rising, RIGHT, 1]) > 0).all()
    still = balls(curves)[AT <= 1.0, RIGHT]
    assert np.ptp(still, axis=0).max() < 1e-12


def test_the_pelvis_goes_over_the_standing_foot():
    feet = Feet(weight=0.8)
    feet.place(RIGHT, 1.0, 0.8, (0.0, 0.0), lift=0.1)
    x = feet.curves(AT).centre[:, 0]
    assert x.max() > 0.03  # the left foot is at +x
    assert abs(AT[x.argmax()] - 1.4) < 0.15


def test_a_hop_is_ballistic():
    feet = Feet()
    end = feet.hop(0.5, 0.5, 0.2, 0.15)
    fine = np.arange(0, 2.5, 0.002)
    curves = feet.curves(fine)
    height = curves.ankles[:, LEFT, 1] - curves.ankles[0, LEFT, 1]
    pelvis = curves.centre[:, 1]
    flying = np.flatnonzero(np.diff(pelvis, 2) / 0.002**2 < -9.5)
    acceleration = np.diff(pelvis, 2)[flying] / 0.002**2
    assert np.isclose(np.median(acceleration), -9.81, atol=0.05)
    assert len(flying) * 0.002 > 0.45
    assert np.isclose(pelvis.max(), 9.81 * 0.5**2 / 8, atol=1e-3)
    assert pelvis.min() < -0.19
    assert np.allclose(pelvis[fine >= end], 0.0, atol=1e-9)
    assert height.max() > 0.3


def test_the_pelvis_moves_smoothly_through_a_hop():
    feet = Feet()
    feet.hop(0.3, 0.45, 0.2, 0.15)
    fine = np.arange(0, 2.5, 0.001)
    speed = np.diff(feet.curves(fine).centre[:, 1]) / 0.001
    assert np.abs(np.diff(speed)).max() < 0.08  # no jump in speed at take-off or landing


def test_a_raised_heel_keeps_the_ball_of_the_foot_in_place():
    feet = Feet()
    feet.rise(LEFT, 0.5, 3.0, 0.8)
    curves = feet.curves(AT)
    assert np.ptp(balls(curves)[:, LEFT], axis=0).max() < 1e-12
    assert curves.ankles[35, LEFT, 1] > 0.14


def test_a_kick_leaves_and_comes_back_to_its_place():
    feet = Feet()
    keys = [
        (1.0, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
        (1.5, (0.0, 0.8, 0.9), 1.0, (1.0, 1.0, 0.0)),
        (2.0, (0.0, 0.0, 0.0), 1.5, SIDEWAYS),
    ]
    feet.kick(RIGHT, keys)
    curves = feet.curves(AT)
    planted = (AT <= 1.0) | (AT >= 2.0)
    assert np.ptp(curves.ankles[planted, RIGHT], axis=0).max() < 1e-12
    assert np.allclose(
        curves.ankles[30, RIGHT] - curves.ankles[0, RIGHT], [0.0, 0.8, 0.9], atol=0.06
    )
    assert np.array_equal(curves.free[:, RIGHT] > 0, (AT > 1.0) & (AT < 2.0))
    assert np.allclose(np.linalg.norm(curves.hinges, axis=-1), 1.0)
