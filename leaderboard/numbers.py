"""How numbers look on the pages: decided here and nowhere else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

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


def show(value: Value, places: int = DECIMALS) -> Shown:
    """A value and its interval as text, all three with the same number of decimals.

    With an interval, its half-width is shown with two significant digits and the value with the
    same decimals; without one, the value has `places` decimals.

    Raises:
        ValueError: if there is no value.

    >>> show(Value(value=0.51234, low=0.4981, high=0.5266))
    Shown(value='0.512', low='0.498', high='0.527')
    >>> show(Value(value=532.1234, low=501.2, high=560.7))
    Shown(value='532', low='501', high='561')
    >>> show(Value(value=4.5)).value, show(Value(value=4.5), 2).value
    ('4.500', '4.50')
    """
    if value.value is None:
        raise ValueError("there is no value to show")
    if value.low is not None and value.high is not None:
        places = _decimals_of(abs(value.high / 2 - value.low / 2))
        return Shown(*(fixed(x, places) for x in (value.value, value.low, value.high)))
    return Shown(fixed(value.value, places))


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


def places_of(value: float) -> int:
    """Decimals that a number needs to be written exactly, at most six.

    >>> [places_of(x) for x in (16.36, 4.5, 10.0, 0.118, 1 / 3, 1e-9)]
    [2, 1, 0, 3, 6, 6]
    """
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return min(max(-exponent, 0), MAX_DECIMALS) if isinstance(exponent, int) else DECIMALS


def plain(number: float) -> str:
    """A bound of a range with no more digits than it needs.

    >>> plain(0.0), plain(-1.5)
    ('0', '−1.5')
    """
    return f"{number:g}".replace("-", MINUS)


def count(number: int) -> str:
    """A whole number with thousands set apart.

    >>> count(29228)
    '29,228'
    """
    return f"{number:,}"


class _Measured(Protocol):
    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def measured(one: _Measured) -> str:
    """A value and its interval as one text.

    >>> measured(Value(value=0.51234, low=0.4981, high=0.5266)), measured(Value(value=4.5))
    ('0.512 [0.498, 0.527]', '4.500')
    """
    text = show(Value(value=one.value, low=one.low, high=one.high))
    return f"{text.value} [{text.low}, {text.high}]" if text.low else text.value
