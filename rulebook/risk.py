"""
When concentrated complaints raise a risk warning (集中风险预警, R176): the thresholds as data, and the judgement.

It counts nothing itself: whoever has counted a window and its baseline asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from rulebook.pack_parts import Part, Text
from rulebook.plain_yaml import yaml_file

DEFAULT = Path(__file__).parent / "defaults" / "risk.yaml"

Dimension = Literal["unit", "category", "product", "line_of_business", "cause"]
"""By what complaints are counted together."""


class DimensionRule(Part):
    """How one dimension is called, and where its thresholds differ from those of all."""

    title: Text
    at_least: int | None = Field(default=None, ge=1)
    times: float | None = Field(default=None, gt=1)


class RiskRules(Part):
    """
    The thresholds of risk warnings.

    A window is *window_days* natural days, the baseline the *baseline_windows* windows before it. *at_least* is a number of
    complaints in the window, *times* the factor over the mean of the baseline's windows.
    """

    window_days: int = Field(ge=1, le=366)
    baseline_windows: int = Field(ge=1, le=60)
    at_least: int = Field(ge=1)
    times: float = Field(gt=1)
    citation: str
    dimensions: Mapping[Dimension, DimensionRule]

    def window(self, on: date) -> tuple[date, date]:
        """Return the first and the last day of the window that ends with the day *on*."""
        return on - timedelta(days=self.window_days - 1), on

    def baseline(self, on: date) -> tuple[date, date]:
        """Return the first and the last day of the baseline before that window."""
        first, _ = self.window(on)
        return first - timedelta(days=self.window_days * self.baseline_windows), first - timedelta(days=1)

    def concentrated(self, dimension: Dimension, count: int, before: int) -> bool:
        """
        Return whether *count* complaints in a window are a concentration, after *before* in the whole baseline.

        Without anything before, so many as a warning takes at least are one: what is new has no mean.
        """
        rule = self.dimensions[dimension]
        enough = count >= (rule.at_least or self.at_least)
        return enough and count * self.baseline_windows >= (rule.times or self.times) * before


@lru_cache(maxsize=1)
def risk_rules() -> RiskRules:
    """Return the thresholds of the house."""
    return RiskRules.model_validate(yaml_file(DEFAULT))
