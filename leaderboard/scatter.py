"""The trade-off as SVG: scales, ticks, marks, the front, and labels that keep out of each other.

Better is always up and to the right: an axis on which lower is better runs backwards. No colours
here (classes give them). Coordinates are in units of the view box.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from leaderboard.numbers import plain
from leaderboard.text import NO_TEXT, shown
from leaderboard.tradeoff import Axis, Measure, Point, Tradeoff

Box = tuple[float, float, float, float]

SIZE = 14.0
"""Of the letters."""
LETTER = 0.57
"""Width of a letter as a share of the size: a little more than system faces have on average."""
RADIUS = 5.5
AIR = 0.04
"""Beyond the outermost values, as a share of their range."""
TICKS = 5
CROWD = 30
"""More points than this, and only the reference points and the front keep their names."""
HARMONIC = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a picture, the room around its field, and the letters that a name may have."""

    width: float
    height: float
    left: float = 64.0
    right: float = 22.0
    top: float = 18.0
    bottom: float = 58.0
    longest: int = 34


WIDE = Frame(860, 500)
NARROW = Frame(380, 420, left=50.0, right=12.0, longest=24)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values to places on one axis; `start` is the place of the worst value, `end` of the best."""

    worst: float
    best: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; what is outside of the field stands at its edge."""
        share = (value - self.worst) / (self.best - self.worst)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def extent(axis: Axis, measures: Iterable[Measure]) -> tuple[float, float]:
    """The smallest and largest value of an axis, with a little air.

    Zero, the perfect distance, is in it unless that would leave half of the axis empty.
    """
    ends = [x for m in measures for x in (m.value, m.low, m.high) if x is not None]
    low, high = axis.domain or (min(ends), max(ends))
    if not axis.domain and 0 < low <= high / 2:
        low = 0.0
    if high <= low:
        high = low + 1.0
    air = AIR * (high - low)
    return low - air, high + air


def ticks(low: float, high: float, wanted: int = TICKS) -> list[float]:
    """Round values inside of a range, about as many as wanted.

    >>> ticks(0, 1), ticks(0, 16.2), ticks(-0.02, 0.11)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 5.0, 10.0, 15.0], [0.0, 0.05, 0.1])
    """
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [round((first + i) * step, 12) + 0.0 for i in range(count)]


def scatter(picture: Tradeoff, frame: Frame, name: str) -> Markup:
    """The picture as inline SVG; `name` keeps its ids apart from those of another size."""
    x, y = _scales(picture, frame)
    contours = _contours(x, y) if picture.scores else []
    out = [
        f'<svg class="plot plot-{name}" viewBox="0 0 {plain(frame.width)} {plain(frame.height)}" '
        f'role="img" aria-labelledby="plot-{name}-title plot-{name}-about" focusable="false">',
        f'<title id="plot-{name}-title">{_title(picture)}</title>',
        f'<desc id="plot-{name}-about">{_about(picture)}</desc>',
        _front_area(picture, x, y),
        _grid(_marked(picture.kept, x), _marked(picture.forgotten, y), x, y),
        _harmonic(contours),
        _axis_titles(picture, frame),
        _front_line(picture, x, y),
    ]
    order = sorted(picture.points, key=_importance)
    for point in reversed(order):
        out.append(_mark(point, x, y))
    corners = _steps(picture, x, y)
    out.append(_labels(order, x, y, frame, [box for _, _, box in contours], corners))
    out.append("</svg>")
    return Markup("\n".join(part for part in out if part))


def thumbnail(picture: Tradeoff) -> Markup:
    """The picture small, without words: marks and front only, for a list of tracks."""
    frame = Frame(220, 132, left=6, right=6, top=6, bottom=6)
    x, y = _scales(picture, frame)
    marks = (_mark(point, x, y, bare=True) for point in sorted(picture.points, key=_importance))
    return Markup(
        f'<svg class="plot thumbnail" viewBox="0 0 {plain(frame.width)} {plain(frame.height)}" '
        f'aria-hidden="true" focusable="false"><path class="grid" d="M{x.start:.1f} {y.end:.1f}'
        f'V{y.start:.1f}H{x.end:.1f}"/>{_front_area(picture, x, y)}{_front_line(picture, x, y)}'
        f"{''.join(marks)}</svg>"
    )


def _scales(picture: Tradeoff, frame: Frame) -> tuple[Scale, Scale]:
    x_ends = extent(picture.kept, (p.kept for p in picture.points))
    y_ends = extent(picture.forgotten, (p.forgotten for p in picture.points))
    worst_x, best_x = x_ends[::-1] if picture.kept.lower else x_ends
    worst_y, best_y = y_ends[::-1] if picture.forgotten.lower else y_ends
    return (
        Scale(worst_x, best_x, frame.left, frame.width - frame.right),
        Scale(worst_y, best_y, frame.height - frame.bottom, frame.top),
    )


def _marked(axis: Axis, scale: Scale) -> list[float]:
    return ticks(*(axis.domain or sorted((scale.worst, scale.best))))


def _title(picture: Tradeoff) -> Markup:
    return escape(f"{picture.forgotten.label} against {picture.kept.label}")


def _about(picture: Tradeoff) -> Markup:
    many = len(picture.points)
    text = f"{many} records. Better is up and to the right. "
    front = picture.front
    if front:
        text += f"On the Pareto front: {', '.join(name_of(p) for p in front[:12])}"
        text += f" and {len(front) - 12} more. " if len(front) > 12 else ". "
    return escape(text + "The table below the picture has every number.")


def name_of(point: Point) -> str:
    """The name of a point's record as text."""
    return shown(point.record.method.name).strip() or NO_TEXT


def _grid(xs: Sequence[float], ys: Sequence[float], x: Scale, y: Scale) -> str:
    lines = f"M{x.start:.1f} {y.end:.1f}V{y.start:.1f}H{x.end:.1f}"
    lines += "".join(f"M{x(v):.1f} {y.start:.1f}V{y.end:.1f}" for v in xs)
    lines += "".join(f"M{x.start:.1f} {y(v):.1f}H{x.end:.1f}" for v in ys)
    texts = "".join(
        f'<text x="{x(v):.1f}" y="{y.start + 20:.1f}" text-anchor="middle">{plain(v)}</text>'
        for v in xs
    )
    texts += "".join(
        f'<text x="{x.start - 9:.1f}" y="{y(v) + 4.5:.1f}" text-anchor="end">{plain(v)}</text>'
        for v in ys
    )
    return f'<path class="grid" d="{lines}"/>\n<g class="ticks">{texts}</g>'


def _axis_titles(picture: Tradeoff, frame: Frame) -> str:
    middle = (frame.left + frame.width - frame.right) / 2
    height = (frame.top + frame.height - frame.bottom) / 2
    kept, forgotten = picture.kept.label, picture.forgotten.label
    return (
        f'<text class="axis-kept" x="{middle:.1f}" y="{frame.height - 12:.1f}" '
        f'text-anchor="middle">{escape(kept)} →</text>'
        f'<text class="axis-forgotten" x="{-height:.1f}" y="{14:.1f}" text-anchor="middle" '
        f'transform="rotate(-90)">{escape(forgotten)} →</text>'
    )


def _contours(x: Scale, y: Scale) -> list[tuple[str, str, Box]]:
    """Lines of equal harmonic mean, p = h s / (2 s - h): path, name, the room of the name."""
    found = []
    for mean in HARMONIC:
        low = mean / (2 - mean)
        steps = [low + (1 - low) * i / 40 for i in range(41)]
        path = "L".join(f"{x(s):.1f} {y(mean * s / (2 * s - mean)):.1f}" for s in steps)
        right, base = x(1) - 5, y(low) + 15
        box = (right - 8 * 12 * LETTER, base - 11, right, base + 3)
        found.append((path, f"HMU {plain(mean)}", box))
    return found


def _harmonic(contours: Sequence[tuple[str, str, Box]]) -> str:
    return "".join(
        f'<path class="contour" d="M{path}"/><text class="contour-name" x="{box[2]:.1f}" '
        f'y="{box[3] - 3:.1f}" text-anchor="end">{text}</text>'
        for path, text, box in contours
    )


def _steps(picture: Tradeoff, x: Scale, y: Scale) -> list[tuple[float, float]]:
    """The corners of the front's stairs, from the lower right to the upper left."""
    places = [(x(p.kept.value), y(p.forgotten.value)) for p in picture.front]
    corners: list[tuple[float, float]] = []
    for place in places:
        if corners:
            corners.append((place[0], corners[-1][1]))
        corners.append(place)
    return corners


def _front_line(picture: Tradeoff, x: Scale, y: Scale) -> str:
    corners = _steps(picture, x, y)
    if not corners:
        return ""
    inside = "L".join(f"{a:.1f} {b:.1f}" for a, b in corners)
    first, last = corners[0], corners[-1]
    ends = f"M{first[0]:.1f} {y.start:.1f}V{first[1]:.1f}M{last[0]:.1f} {last[1]:.1f}H{x.start:.1f}"
    return f'<path class="front-end" d="{ends}"/><path class="front" d="M{inside}"/>'


def _front_area(picture: Tradeoff, x: Scale, y: Scale) -> str:
    corners = _steps(picture, x, y)
    if not corners:
        return ""
    inside = "L".join(f"{a:.1f} {b:.1f}" for a, b in corners)
    return (
        f'<path class="front-area" d="M{corners[0][0]:.1f} {y.start:.1f}L{inside}'
        f'H{x.start:.1f}V{y.start:.1f}Z"/>'
    )


def _mark(point: Point, x: Scale, y: Scale, *, bare: bool = False) -> str:
    """A point with its name and the whiskers of its intervals; `bare` without both."""
    record = point.record
    a, b = x(point.kept.value), y(point.forgotten.value)
    whiskers = ""
    if point.kept.low is not None and point.kept.high is not None:
        whiskers += f"M{x(point.kept.low):.1f} {b:.1f}H{x(point.kept.high):.1f}"
    if point.forgotten.low is not None and point.forgotten.high is not None:
        whiskers += f"M{a:.1f} {y(point.forgotten.low):.1f}V{y(point.forgotten.high):.1f}"
    classes = f"point kind-{record.kind} role-{record.role}" + (" on-front" if point.front else "")
    if bare:
        return f'<g class="{classes}"><path class="mark" d="{shape(record.role, a, b)}"/></g>'
    drawn = f'<path class="whiskers" d="{whiskers}"/>' if whiskers else ""
    return (
        f'<g class="{classes}" data-id="{record.id}"><title>{escape(name_of(point))}</title>'
        f'{drawn}<path class="mark" d="{shape(record.role, a, b)}"/></g>'
    )


def shape(role: str, a: float, b: float, r: float = RADIUS) -> str:
    """The outline of a mark: methods are discs, the three reference points have their own."""
    if role == "original":
        return f"M{a - r:.1f} {b - r:.1f}h{2 * r:.1f}v{2 * r:.1f}h{-2 * r:.1f}z"
    if role == "retrained":
        d = r * 1.35
        return f"M{a:.1f} {b - d:.1f}l{d:.1f} {d:.1f}l{-d:.1f} {d:.1f}l{-d:.1f} {-d:.1f}z"
    if role == "real":
        d = r * 1.3
        return f"M{a:.1f} {b - d:.1f}l{d:.1f} {1.75 * d:.1f}h{-2 * d:.1f}z"
    return (
        f"M{a - r:.1f} {b:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0"
        f"a{r:.1f} {r:.1f} 0 1 0 {-2 * r:.1f} 0z"
    )


def _importance(point: Point) -> tuple[int, str]:
    """Whose label goes first: the reference points, the front, then the others by name."""
    if point.record.role != "method":
        return 0, point.record.id
    return (1 if point.front else 2), point.record.id


def _labels(
    points: Sequence[Point],
    x: Scale,
    y: Scale,
    frame: Frame,
    other: Sequence[Box],
    front: Sequence[tuple[float, float]],
) -> str:
    """A name beside each mark where one fits; who finds no room is told by its mark alone.

    Of very many points only the reference points and the front are named.
    """
    crowded = len(points) > CROWD
    field = (x.start + 2, y.end, x.end + frame.right - 2, y.start - 2)
    places = [(x(p.kept.value), y(p.forgotten.value)) for p in points]
    taken = [(a - 7, b - 7, a + 7, b + 7) for a, b in places]
    taken += other
    lines = _stairs(front)
    taken += [box for p, place in zip(points, places, strict=True) for box in _arms(p, place, x, y)]
    out = []
    for place, point in enumerate(points):
        if crowded and _importance(point)[0] == 2:
            continue
        text = name_of(point)
        if len(text) > frame.longest:
            text = text[: frame.longest - 1].rstrip() + "…"
        width = len(text) * SIZE * LETTER
        found = _room(places[place], width, [*taken, *lines], place, field)
        # Better across a line, on its halo, than no name.
        found = found or _room(places[place], width, taken, place, field)
        if found is None:
            continue
        box, anchor, at = found
        taken.append(box)
        classes = f"label role-{point.record.role}" + (" on-front" if point.front else "")
        out.append(
            f'<text class="{classes}" x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )
    return "\n".join(out)


def _stairs(corners: Sequence[tuple[float, float]]) -> list[Box]:
    """The room that the front's line takes."""
    return [
        (min(a, c) - 1, min(b, d) - 1, max(a, c) + 1, max(b, d) + 1)
        for (a, b), (c, d) in itertools.pairwise(corners)
    ]


def _arms(point: Point, place: tuple[float, float], x: Scale, y: Scale) -> list[Box]:
    """The room that the whiskers of a mark take."""
    (a, b), found = place, []
    if point.kept.low is not None and point.kept.high is not None:
        left, right = sorted((x(point.kept.low), x(point.kept.high)))
        found.append((left, b - 1, right, b + 1))
    if point.forgotten.low is not None and point.forgotten.high is not None:
        top, bottom = sorted((y(point.forgotten.low), y(point.forgotten.high)))
        found.append((a - 1, top, a + 1, bottom))
    return found


def _room(
    place: tuple[float, float], width: float, taken: Sequence[Box], own: int, field: Box
) -> tuple[Box, str, tuple[float, float]] | None:
    """The first place for a text around a mark that hits nothing that is there."""
    a, b = place
    up, down, level = b - 12, b + 12 + SIZE * 0.72, b + SIZE * 0.35
    tries = [
        ("start", a + 11, level), ("end", a - 11, level),
        ("start", a + 6, up), ("end", a - 6, up), ("start", a + 6, down), ("end", a - 6, down),
        ("middle", a, up - 2), ("middle", a, down + 2),
        ("start", a + 10, up - 14), ("end", a - 10, up - 14),
        ("start", a + 10, down + 14), ("end", a - 10, down + 14),
    ]  # fmt: skip
    for anchor, at, base in tries:
        start = at - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = (start, base - SIZE * 0.85, start + width, base + SIZE * 0.25)
        if not _inside(box, field):
            continue
        if any(_overlap(box, other) for i, other in enumerate(taken) if i != own):
            continue
        return box, anchor, (at, base)
    return None


def _inside(box: Box, field: Box) -> bool:
    return box[0] >= field[0] and box[1] >= field[1] and box[2] <= field[2] and box[3] <= field[3]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
