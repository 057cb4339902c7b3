"""Values to tables and charts. Nothing here prices anything; at most it adds up what it shows.

Every view takes an ``Audit``, or what a whole store gives, and returns a value that shows itself
in JupyterLab, Voila, papermill and a terminal. Names that customers chose are escaped and made
visible.
"""

from audit.views.ahead import ahead, running, savings_ahead
from audit.views.areas import areas, opportunities, queries
from audit.views.backtest import backtest, backtest_by_day
from audit.views.bills import bill_by_product, bill_lines, periods
from audit.views.changes import changes
from audit.views.display import Figure, Page, page
from audit.views.glance import at_a_glance, recommendations, title
from audit.views.method import data_quality, method, written
from audit.views.north_star import cohorts, left_out, parameters
from audit.views.portfolio import accounts, data_gaps, due, portfolio, savings_spread
from audit.views.prepaid import (
    plan_at_a_glance,
    plan_curve,
    plan_decision,
    plan_regret,
    plan_rules,
    plan_sales,
)
from audit.views.results import findings, not_evaluated
from audit.views.retention import dollar_retention, retention
from audit.views.roi import roi
from audit.views.roi_model import roi_assumptions, roi_team
from audit.views.roi_trend import roi_split, roi_trend
from audit.views.savings import savings
from audit.views.savings_review import (
    calibration,
    predicted_and_saved,
    savings_at_a_glance,
    savings_by_account,
    savings_outcomes,
)
from audit.views.scenarios import scenario_notes, scenarios
from audit.views.team import standing, team
from audit.views.usage import usage_by_day, usage_by_project

__all__ = [
    "Figure",
    "Page",
    "accounts",
    "ahead",
    "areas",
    "at_a_glance",
    "backtest",
    "backtest_by_day",
    "bill_by_product",
    "bill_lines",
    "calibration",
    "changes",
    "cohorts",
    "data_gaps",
    "data_quality",
    "dollar_retention",
    "due",
    "findings",
    "left_out",
    "method",
    "not_evaluated",
    "opportunities",
    "page",
    "parameters",
    "periods",
    "plan_at_a_glance",
    "plan_curve",
    "plan_decision",
    "plan_regret",
    "plan_rules",
    "plan_sales",
    "portfolio",
    "predicted_and_saved",
    "queries",
    "recommendations",
    "retention",
    "roi",
    "roi_assumptions",
    "roi_split",
    "roi_team",
    "roi_trend",
    "running",
    "savings",
    "savings_ahead",
    "savings_at_a_glance",
    "savings_by_account",
    "savings_outcomes",
    "savings_spread",
    "scenario_notes",
    "scenarios",
    "standing",
    "team",
    "title",
    "usage_by_day",
    "usage_by_project",
    "written",
]
