"""Where the level of a meter goes over the twelve billing periods after the running one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audit.forecast.draws import normal_quantile

FloatArray = npt.NDArray[np.float64]

#: A following period is at most this many times its middle forecast, and at least one part in it.
LARGEST_FACTOR = 20.0


@dataclass(frozen=True)
class Outlook:
    """Per series the middle (series x periods, units per ordinary day) and the log scale of
    the following periods, with what is to be said of each series."""

    middle: FloatArray
    scale: FloatArray
    notes: tuple[str, ...]

    def per_day(self, chance: FloatArray) -> FloatArray:
        """Units per ordinary day at levels of ``chance`` (series x periods x draws)."""
        limit = np.log(LARGEST_FACTOR)
        shock = np.clip(self.scale[:, :, None] * normal_quantile(chance), -limit, limit)
        return np.asarray(self.middle[:, :, None] * np.exp(shock))


def outlook(level: FloatArray, scale: FloatArray, lead_days: FloatArray) -> Outlook:
    """``level`` and ``scale`` of the running period carried on; ``lead_days``: days from the
    last known day to the middle of each following period."""
    wider = np.sqrt(1 + lead_days / 30)
    return Outlook(
        middle=np.repeat(level[:, None], len(lead_days), axis=1),
        scale=np.maximum(scale[:, None], 0.1) * wider,
        notes=("",) * len(level),
    )
