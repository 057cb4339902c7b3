# %% [markdown]
# # Portfolio

# %% tags=["parameters"]
store = ""  # a store file; empty is the sample portfolio of twelve made-up organizations
as_of = ""  # the audit's today, such as 2026-11-01; empty is the day the data was pulled
policy = "2025-06"  # thresholds in force: the handbook of this month, 2025-06 or 2026-11
lookback_days = 30  # days of usage that are read and priced as one billing month
thresholds = ""  # your own thresholds on top, as JSON: {"CHECK": {"THRESHOLD": 40}}
suppressions = ""  # decisions to leave findings as they are, as JSON
most_due = 20  # so many accounts that are due are shown; 0 shows all
startup_credit = "apart"  # months paid by startup credit: apart, count or drop
never_billed = "apart"  # forecasts that never became a bill: apart, count or drop
handovers = "retained"  # who was handed to Sales: retained, by_revenue, apart or drop
credits_treatment = "override"  # one-off credits: override (rule of RevOps), subtract or ignore
refunds = "subtract"  # credit notes on invoices: subtract or ignore
uncollectible = "no_revenue"  # invoices that were given up: no_revenue or revenue
months = 3  # so many months after the first bill over the threshold retention is measured
threshold_usd = 0  # USD that the first bill is over; 0 takes the policy's
least_arr_usd = 0  # USD a year of base revenue below which dollars do not count; 0 counts all
invoices_since = ""  # the day from which the store has all invoices; empty: from the start
exclude = ""  # organizations that are not looked at, by id or exact name, parted by semicolons
out = ""  # folder for accounts.csv, north_star.json and north_star.csv; empty writes nothing

# %%
import audit
from audit import views

treatments = {"startup_credit": startup_credit, "never_billed": never_billed}
treatments |= {"handovers": handovers, "credits": credits_treatment, "refunds": refunds}
treatments |= {"uncollectible": uncollectible, "months": months, "threshold_usd": threshold_usd}
treatments |= {"least_arr_usd": least_arr_usd, "invoices_since": invoices_since}
treatments |= {"exclude": exclude}

# %%
rules = {"policy": policy, "as_of": as_of, "lookback_days": lookback_days}
rules |= {"thresholds": thresholds, "suppressions": suppressions, "most_due": most_due}
found = audit.portfolio(store, treatments=treatments, **rules)
views.portfolio(found)

# %% [markdown]
# ## Who can save most
#
# Every account of the store in one pass, by its joint saving: what fixing all its findings
# together would take off the bill. All dollars are estimates. Where usage is not known, bill and
# saving are unknown, not zero.

# %%
views.accounts(found)

# %% [markdown]
# ## How the savings are spread
#
# Whether a few accounts hold most of what can be saved, or many hold a little each.

# %%
views.savings_spread(found)

# %% [markdown]
# ## Who is due
#
# Accounts with something to do now, the most worthwhile hour first. Who waits, or is held by
# another team, is counted only; `audit queue --all --explain` lists them with the reasons.

# %%
views.due(found)

# %% [markdown]
# ## The north star
#
# Of the organizations whose first bill over the threshold was of one month, how many still pay
# three months later, or as many as `months` says. Intervals are wide because cohorts are small.
# What is not known is in no percentage, and cohorts whose months are not over are left out.

# %%
views.cohorts(found.north_star)

# %%
views.retention(found.north_star)

# %% [markdown]
# ## Dollars retained
#
# *Net* is revenue in the later month over revenue in the first. *Gross* counts no growth: of each
# organization the smaller of both. Dollars are what was billed, so they are actual.

# %%
views.dollar_retention(found.north_star)

# %% [markdown]
# ## Who is in no cohort
#
# Too young, paid by startup credit, never billed, not read, or never over the threshold: each
# with its reason, and on demand every organization by name.

# %%
views.left_out(found.north_star)

# %% [markdown]
# ## How the measure was taken
#
# The published measure leaves cases open. Each is a parameter of this notebook, and stands here
# with its meaning and source.

# %%
views.parameters(found.north_star)

# %% [markdown]
# ## Data gaps
#
# What could not be read, of how many organizations, and why.

# %%
views.data_gaps(found)

# %%
views.written(found.write(out) if out else [])
