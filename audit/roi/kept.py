"""What all open fixes leave of every usage row, so that reads can be told for after them too."""

import numpy as np
import numpy.typing as npt

from audit.findings.model import Audit

Floats = npt.NDArray[np.float64]


def kept_rows(audit: Audit) -> Floats | None:
    """Share of each of ``audit.usage_rows`` that is left, 0 to 1; None where it is not known.

    Fixes that share a remedy count its strongest cut once, as in the counterfactual bill.
    """
    rows = len(audit.usage_rows)
    if audit.terms is None or len(audit.terms.rows) < rows:
        return None
    strongest: dict[str, Floats] = {}
    for fix in audit.terms.fixes:
        shares = strongest.setdefault(fix.part.remedy, np.zeros(len(audit.terms.rows)))
        np.maximum.at(shares, fix.part.row, fix.part.share)
    kept = np.ones(len(audit.terms.rows))
    for remedy in sorted(strongest):
        kept *= 1 - strongest[remedy]
    # Packages stand behind the usage rows.
    return kept[:rows]
