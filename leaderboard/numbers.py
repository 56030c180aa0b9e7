"""How numbers look on the pages: decided here and nowhere else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from hmu_bench.records import Value

DECIMALS = 3
"""Decimals of a measured value without interval: the custom of the field's tables."""
MAX_DECIMALS = 6
SCIENTIFIC_FROM = 1e7
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is printed; `low` and `high` are empty where there is no interval."""

    value: str
    low: str = ""
    high: str = ""


def show(value: Value, *, as_written: bool = False) -> Shown:
    """A value and its interval as text, all three with the same number of decimals.

    With an interval, its half-width is shown with two significant digits and the value with the
    same decimals. Without one, a measured value has three decimals; a reported value
    (`as_written`) keeps the digits that its source gives.

    Raises:
        ValueError: if there is no value.

    >>> show(Value(value=0.51234, low=0.4981, high=0.5266))
    Shown(value='0.512', low='0.498', high='0.527')
    >>> show(Value(value=532.1234, low=501.2, high=560.7))
    Shown(value='532', low='501', high='561')
    >>> show(Value(value=4.5)).value, show(Value(value=4.5), as_written=True).value
    ('4.500', '4.5')
    """
    if value.value is None:
        raise ValueError("there is no value to show")
    if value.low is not None and value.high is not None:
        places = _decimals_of(abs(value.high / 2 - value.low / 2))
        return Shown(*(fixed(x, places) for x in (value.value, value.low, value.high)))
    if as_written:
        return Shown(written(value.value))
    return Shown(fixed(value.value, DECIMALS))


def _decimals_of(half_width: float) -> int:
    """Decimals that show two significant digits of a half-width.

    >>> [_decimals_of(x) for x in (0.0142, 1.4, 140.0, 0.0, 1e-9)]
    [3, 1, 0, 3, 6]
    """
    if half_width == 0:
        return DECIMALS
    return min(max(1 - math.floor(math.log10(half_width)), 0), MAX_DECIMALS)


def fixed(value: float, places: int) -> str:
    """A number with a fixed number of decimals and a true minus sign; never minus zero.

    >>> fixed(-0.0001, 3), fixed(-1.25, 1), fixed(2.5e9, 3)
    ('0.000', '−1.2', '2.500e+09')
    """
    text = f"{value:.{places}{'e' if abs(value) >= SCIENTIFIC_FROM else 'f'}}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def written(value: float) -> str:
    """A number with the digits that its source gives, no more.

    >>> [written(x) for x in (16.36, 4.5, 10.0, 0.0, 1e-9, -0.25)]
    ['16.36', '4.5', '10', '0', '1e−09', '−0.25']
    """
    text = repr(value)
    if "e" not in text:
        text = f"{Decimal(text).normalize():f}"
    return ("0" if value == 0 else text).replace("-", MINUS)


def count(number: int) -> str:
    """A whole number with thousands set apart.

    >>> count(29228)
    '29,228'
    """
    return f"{number:,}"
