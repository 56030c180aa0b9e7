"""Joints to features, frame by frame and joint by joint, in plain Python.

Written from the description of the representation with rotation matrices and angles, without a
line of `hmu_bench.motion`: the yardstick of `benchmarks/motion_features.py` and the second opinion
of `tests/motion`. Every oddity of the published features can be left out by name, so that a test
can show that it matters.
"""

from __future__ import annotations

import math

import numpy as np

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
QUIRKS = frozenset(
    {
        "REVERSED_HIPS",
        "SMOOTHED_HEADING",
        "IDENTITY_FIRST_HEADING",
        "HALF_ANGLE_VELOCITY",
        "SIGN_AT_BACKWARD",
        "CONTACT_BY_SPEED",
        "ARMS_FROM_ROOT",
        "RIGHT_LEG_SCALE",
    }
)


def joints_to_features(joints, offsets, quirks=QUIRKS):
    """(T + 1, 22, 3) joints and (22, 3) canonical offsets -> (T, 263) float64."""
    body = _canonical([[list(map(float, p)) for p in frame] for frame in joints], offsets, quirks)
    headings = [_heading_vector(f, "REVERSED_HIPS" in quirks) for f in body]
    if "SMOOTHED_HEADING" in quirks:
        headings = _smooth(headings, sigma=20)
    angles = [math.atan2(x, z) for x, _, z in headings]  # of the body, from +Z towards +X
    if "IDENTITY_FIRST_HEADING" in quirks:
        angles[0] = 0.0
    rows = []
    for now, after, angle, next_angle in zip(body, body[1:], angles, angles[1:], strict=False):
        moved = [_minus(b, a) for a, b in zip(now, after, strict=True)]
        root = now[0]
        half = (angle - next_angle) / 2
        if "SIGN_AT_BACKWARD" not in quirks:
            half = math.remainder(2 * half, 2 * math.pi) / 2
        velocity = math.asin(math.sin(half))
        if "HALF_ANGLE_VELOCITY" not in quirks:
            velocity *= 2
        root_step = _turn(moved[0], -next_angle)
        row = [velocity, root_step[0], root_step[2], root[1]]
        for joint in now[1:]:
            row += _turn([joint[0] - root[0], joint[1], joint[2] - root[2]], -angle)
        row += _rotations(now, offsets, angle, quirks)
        for step in moved:
            row += _turn(step, -angle)
        for foot in (7, 10, 8, 11):
            length = math.dist(now[foot], after[foot])
            speed = length**2 if "CONTACT_BY_SPEED" in quirks else length
            row.append(1.0 if speed < 0.002 else 0.0)
        rows.append(row)
    return np.array(rows)


def _canonical(joints, offsets, quirks):
    lengths = [math.hypot(*map(float, o)) for o in offsets]
    first = joints[0]
    legs = (5, 8) if "RIGHT_LEG_SCALE" in quirks else (4, 5, 7, 8)
    own = sum(math.dist(first[j], first[PARENTS[j]]) for j in legs)
    scale = sum(lengths[j] for j in legs) / own
    body = []
    for frame in joints:
        new = [[scale * c for c in frame[0]]]
        for j in range(1, 22):
            bone = _minus(frame[j], frame[PARENTS[j]])
            stretch = lengths[j] / math.hypot(*bone)
            new.append([p + stretch * b for p, b in zip(new[PARENTS[j]], bone, strict=True)])
        body.append(new)
    floor = min(p[1] for frame in body for p in frame)
    x, _, z = body[0][0]
    body = [[[p[0] - x, p[1] - floor, p[2] - z] for p in frame] for frame in body]
    forward = _heading_vector(body[0], hips_reversed=False)
    angle = math.atan2(forward[0], forward[2])
    return [[_turn(p, -angle) for p in frame] for frame in body]


def _heading_vector(frame, hips_reversed):
    sign = -1 if hips_reversed else 1
    hips, shoulders = _minus(frame[2], frame[1]), _minus(frame[17], frame[16])
    right = [s + sign * h for s, h in zip(shoulders, hips, strict=True)]
    length = math.hypot(*right)
    return [right[2] / length, 0.0, -right[0] / length]


def _smooth(vectors, sigma):
    reach = 4 * sigma
    weights = [math.exp(-((k / sigma) ** 2) / 2) for k in range(-reach, reach + 1)]
    total = sum(weights)
    last = len(vectors) - 1
    result = []
    for t in range(len(vectors)):
        near = [vectors[min(max(t + k, 0), last)] for k in range(-reach, reach + 1)]
        result.append(
            [sum(w * v[c] for w, v in zip(weights, near, strict=True)) / total for c in range(3)]
        )
    return result


def _rotations(frame, offsets, angle, quirks):
    c, s = math.cos(angle), math.sin(angle)
    # The root's matrix turns the world into the heading frame, as the published features have it.
    matrices = [np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])]
    row = []
    for j in range(1, 22):
        rest = np.array(offsets[j], dtype=float)
        matrices.append(_shortest(rest, np.array(_minus(frame[j], frame[PARENTS[j]]))))
        parent = 0 if "ARMS_FROM_ROOT" in quirks and j in (13, 14) else PARENTS[j]
        local = matrices[parent].T @ matrices[j]
        row += [*local[:, 0], *local[:, 1]]
    return row


def _shortest(a, b):
    """The matrix of the shortest rotation from a to b (Rodrigues)."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    v = np.cross(a, b)
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.eye(3) + k + k @ k / (1 + a @ b)


def _turn(p, angle):
    """A point turned about Y by an angle from +Z towards +X."""
    c, s = math.cos(angle), math.sin(angle)
    return [c * p[0] + s * p[2], p[1], c * p[2] - s * p[0]]


def _minus(a, b):
    return [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
