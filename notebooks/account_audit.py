# %% [markdown]
# # Account audit

# %% tags=["parameters"]
organization_id = ""  # who to audit: id or exact name; may be empty where there is only one
project_id = ""  # only findings of this project; the bill stays the whole organization's
lookback_days = 30  # days of usage that are read and priced as one billing month
as_of = ""  # the audit's today, such as 2025-07-01; empty is the day the data was pulled
policy = "2025-06"  # thresholds in force: the handbook of this month, 2025-06 or 2026-11
audience = "customer"  # who the page is for: customer or team
thresholds = ""  # your own thresholds on top, as JSON: {"CHECK": {"THRESHOLD": 40}}
roi_assumptions = ""  # your own assumptions of the ROI, as JSON: {"NAME": 80}
suppressions = ""  # decisions to leave a finding as it is, as JSON; audit run takes the ledger's
previous = ""  # account.zip of the last report, to say what changed; empty compares with nothing
store = ""  # a store file or an account.zip; empty: account.zip in this folder, or the sample
out = ""  # folder for findings.json, findings.csv and account.zip; empty writes nothing

# %%
import audit
from audit import roi, views

chosen = audit.load_account(organization_id, store=store)
rules = {"policy": policy, "thresholds": thresholds, "suppressions": suppressions}
rules |= {"as_of": as_of, "lookback_days": lookback_days, "audience": audience}
result = audit.examine(chosen, project_id=project_id, **rules)
views.title(result)

# %% [markdown]
# ## At a glance
#
# Every dollar is marked. *Actual* means that PostHog billed it; *estimate* means usage times a
# price list. The two are never added up. Below the numbers every area of the account: what is
# used, what it costs, the main finding, and the next step.

# %%
views.page(views.at_a_glance(result), views.areas(result))

# %% [markdown]
# ## Recommendations
#
# The changes that save most, five at most, each with its saving, what it takes, and what would
# be lost. The savings stand one on top of the other, in this order, so they can be added up.

# %%
views.recommendations(result)

# %% [markdown]
# ## Untapped opportunities
#
# What the account has or could have for free and does not use.

# %%
views.opportunities(result)

# %% [markdown]
# ## Since the last report
#
# What moved the bill, one cause after the other, and what became of each finding. The bill of
# today is held against the usage, prices, plan and rules of then, so the steps add up.

# %%
views.changes(result, previous)

# %% [markdown]
# ## The bill by product
#
# What the quantities of the title cost as one billing month: now, and after all fixes together.

# %%
views.bill_by_product(result)

# %%
views.bill_lines(result)

# %% [markdown]
# ## The last periods and this one
#
# What was billed is *actual*. Where no amount is known, a finished period is priced from its
# metered quantities alone, an *estimate* before packages, limits and discounts. Pale bars are
# forecasts for the period that is running: PostHog's own, where it is known, and ours, with
# packages and limits. All bars are before discounts.

# %%
views.periods(result)

# %% [markdown]
# ## The coming periods
#
# Usage is forecast by product, from the days before, as thousands of possible futures that all
# products share. Each is priced by itself, with packages, limits and discounts; the range says
# where eight of ten of them end. All of it is an *estimate*.

# %%
views.running(result)

# %%
views.ahead(result)

# %% [markdown]
# ## How far to trust the forecast
#
# Past periods of this very account, forecast as if they were running and held against what came,
# beside what anybody can compute by head. Where a simple method was clearly better, it is used.

# %%
views.backtest(result)

# %%
views.backtest_by_day(result)

# %% [markdown]
# ## Usage by day
#
# Choose a product above the chart, drag over the small chart to look at fewer days, and click
# a project in the legend to follow it alone. A day without a bar has no usage report. Days that a
# finding calls a spike, and the first day of a new level, are marked.

# %%
views.usage_by_day(result)

# %% [markdown]
# ## Usage by project
#
# Which project the usage of each product comes from: by the daily reports or, where these name
# no project, as queries observed it. The bill is for the organization as a whole: free
# allowances and tiers count once, so a project has no bill of its own.

# %%
views.usage_by_project(result)

# %% [markdown]
# ## Where the saving comes from
#
# From the bill of now, step by step in the order of the ranking, to the bill after all fixes.
# Findings that touch the same usage are counted once, and suppressed ones not at all.

# %%
views.savings(result)

# %% [markdown]
# ## What fixing saves in the coming year
#
# The same fixes on the usage to come. Not all that a fix aims at goes away: how much does is an
# assumption, told below the table. The ranges hold both doubts, about usage and about the fix.

# %%
views.savings_ahead(result)

# %% [markdown]
# ## What it is worth
#
# How much of what is paid for anybody reads, what a unit of it costs, and how soon the work of a
# fix is paid back. There is no published formula: this is a declared model, with every assumption
# at the end, to be changed with `roi_assumptions`.

# %%
worth = roi.roi(result, roi_assumptions)
views.roi(worth)

# %%
views.roi_trend(worth)

# %%
views.page(views.roi_split(worth), views.roi_team(worth), views.roi_assumptions(worth))

# %% [markdown]
# ## Findings
#
# *On top* is what a finding saves after those ranked above it; *alone* is what it would save by
# itself. Each finding carries what to do, what would be lost, why it costs, and, folded away, its
# rule with the thresholds in force and its evidence. Suppressed ones come last.

# %%
views.findings(result)

# %% tags=["team"]
views.team(result)

# %% [markdown]
# ## What could not be evaluated, and how the numbers came about
#
# What the data of this account could not answer and what to do about it, and what to know about
# the data before relying on it.

# %%
views.page(views.not_evaluated(result), views.data_quality(result), views.method(result))

# %% [markdown]
# ## All queries
#
# Every query behind the findings: what the toolkit asked its facts, and what was asked of the
# source.

# %%
views.queries(result)

# %%
views.written(audit.write(result, out) if out else [])
