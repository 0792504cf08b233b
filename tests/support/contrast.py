"""Contrast of colours as WCAG 2.2 computes it."""

from __future__ import annotations

TEXT, MARK = 4.5, 3.0
"""The least contrast of text (success criterion 1.4.3) and of marks that carry meaning (1.4.11)."""


def contrast(colour: str, ground: str) -> float:
    """The ratio of two colours like #1b2733, between 1 and 21."""
    dark, light = sorted((_luminance(colour), _luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
