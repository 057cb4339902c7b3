"""What the rest of the year looks like once its first months are known.

The model: log(rest + floor) is a straight line in log(seen + floor) over the simulated years, plus
an error whose spread does not depend on what was seen. Its two numbers and the errors are read from
the same draws. A decision taken with it sees nothing of a draw but its first months; what the
decision then saves is counted on the draw itself.
"""

import numpy as np
import numpy.typing as npt

from audit.prepaid.draw_down import Floats

Indices = npt.NDArray[np.intp]

#: Share of the mean year below which usage counts as this much, so that a logarithm exists.
FLOOR_SHARE = 1e-6


class Remainder:
    """The rest of the year in each draw, given what that draw has seen.

    ``seen`` and ``rest``: USD at list value, one per draw.
    """

    def __init__(self, seen: Floats, rest: Floats) -> None:
        floor = FLOOR_SHARE * float((seen + rest).mean()) or 1.0
        before, after = np.log(seen + floor), np.log(rest + floor)
        centred = before - before.mean()
        spread = float(centred @ centred)
        slope = float(centred @ after) / spread if spread > 0 else 0.0
        #: Middle of the rest, given what was seen.
        self.scale: Floats = np.exp(after.mean() + slope * centred)
        self._errors: Floats = np.sort(rest / self.scale)
        self._sums: Floats = np.concatenate(([0.0], np.cumsum(self._errors)))

    def quantile(self, share: float, draws: slice | Indices = slice(None)) -> Floats:
        """The rest that a ``share`` of the years with this beginning stays under."""
        place = min(len(self._errors) - 1, max(0, int(np.ceil(share * len(self._errors))) - 1))
        return self.scale[draws] * self._errors[place]

    def shortfall(self, credit_usd: Floats, draws: slice | Indices = slice(None)) -> Floats:
        """Expected part of ``credit_usd`` that the rest leaves unused."""
        scale = self.scale[draws]
        relative = np.maximum(0.0, credit_usd) / scale
        below = np.searchsorted(self._errors, relative)
        return scale * (below * relative - self._sums[below]) / len(self._errors)
