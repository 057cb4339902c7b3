"""What every chart shares: colours, fonts left to the page, and safe labels.

Only features of Vega-Lite 5 are used, because that is what JupyterLab and Voila carry.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import altair as alt
import pandas as pd
from altair.utils.schemapi import debug_mode

from audit.findings.model import Audit
from audit.pricing.catalogue import Catalogue, Product
from audit.views import words
from audit.views.display import ROWS

#: Of a whole chart, labels included; of the bars alone where charts stand below one another.
WIDTH = 820
PLOT_WIDTH = 740
ROW_HEIGHT = 24
LONGEST = 1_000
#: Leaves room behind the longest bar for its label, on any width.
LABEL_PADDING = {"left": 5, "top": 5, "right": 88, "bottom": 5}

# Okabe and Ito's colours, which stay apart for every common kind of colour blindness, without
# the yellow and the black that vanish on a light or a dark page.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
REST_COLOUR = "#8C959F"
BEFORE = "#7B8794"
AFTER = "#0072B2"
SAVED = "#009E73"
MARK = "#D55E00"

REST = "Everything else"

View = TypeVar("View", bound=Callable[..., Any])


def unchecked(view: View) -> View:
    """Marks a view that draws. Altair checks each part of a chart when it is made, and the whole
    once more, which takes a third of drawing it. Of ours, tests check every one by the schema."""
    return cast("View", debug_mode(False)(view))


def rows(values: Sequence[Mapping[str, Any]]) -> alt.Data:
    """Rows inline in the chart, in the order they are given.

    Altair copies and checks a chart's rows at every step, so until it is drawn they travel as the
    name of their data, which :func:`audit.views.display.figure` puts the rows back for.
    """
    text = json.dumps([dict(value) for value in values], sort_keys=True)
    return alt.Data(name=ROWS + text)


def finished(chart: Any, height: int | None = None, *, labelled: bool = False) -> Any:
    """A chart without a frame, and with readable labels.

    With a height it is as wide as a notebook's page, whatever the length of its labels;
    ``labelled`` leaves room for those behind its bars. All in one step, because Altair copies a
    chart and all its layers at every one.
    """
    labels = {"labelFontSize": 12, "titleFontSize": 12, "labelLimit": 260}
    chosen: dict[str, Any] = {
        "config": alt.Config(
            view=alt.ViewConfig(stroke=None),
            axis=alt.AxisConfig(**labels),
            legend=alt.LegendConfig(**labels, symbolType="square"),
        )
    }
    if height is not None:
        fit = alt.AutoSizeParams(type="fit-x", contains="padding")
        chosen |= {"width": WIDTH, "height": height, "autosize": fit}
    if labelled:
        chosen["padding"] = LABEL_PADDING
    return chart.properties(**chosen)


def colours(names: Sequence[str]) -> alt.Scale:
    """One colour a name, in order; ``REST`` is grey."""
    named = [name for name in names if name != REST]
    ordered = [*named, *(name for name in names if name == REST)]
    chosen = [PALETTE[i % len(PALETTE)] for i in range(len(named))]
    return alt.Scale(domain=ordered, range=[*chosen, *[REST_COLOUR] * (len(ordered) - len(named))])


def legend(names: Sequence[str]) -> alt.Legend:
    """Above the chart, in as many columns as the longest name leaves room for."""
    longest = max(map(len, names), default=0)
    columns = next(c for c, room in ((6, 12), (4, 20), (3, LONGEST)) if longest <= room)
    return alt.Legend(orient="top", columns=columns, title=None)


def product_name(product: str) -> str:
    """The name on the price list, or the vendor's own key."""
    known = Catalogue.load().products.get(product)
    return known.name if known is not None else words.shown(product, words.LABEL_LENGTH)


def metered_product(usage_type: str) -> Product | None:
    """The product a usage counter is billed on; None for helper counters."""
    catalogue = Catalogue.load()
    key = catalogue.product_of_usage_type(usage_type)
    return None if key is None else catalogue.products[key]


def metered_unit(product: Product) -> str:
    """The unit of the meter, which for logs is finer than the unit that is priced."""
    return "MB" if product.unit == "GB" and product.divisor > 1 else words.units(product.unit)


def project_labels(audit: Audit) -> dict[str, str]:
    """A short, harmless and unique label for every project id in use."""
    projects = audit.account["projects"]
    ids = [
        *projects["project_id"],
        *audit.account["usage_daily"]["project_id"].unique(),
        *audit.usage_rows["project_id"].astype("str").unique(),
    ]
    names = dict(zip(projects["project_id"], projects["name"], strict=True))
    labels: dict[str, str] = {}
    for identity in dict.fromkeys(ids):
        name = names.get(identity)
        known = name if isinstance(name, str) and name.strip() else identity
        label = words.shown(known or "No project named", 28)
        labels[identity] = label
    repeated = pd.Series(labels).duplicated(keep=False) if labels else pd.Series(dtype=bool)
    return {
        identity: f"{label} ({words.shown(identity, 12)})" if repeated[identity] else label
        for identity, label in labels.items()
    }
