# %% [markdown]
# # Annual plan

# %% tags=["parameters"]
organization_id = ""  # whose plan: id or exact name; may be empty where there is only one
project_id = ""  # only findings of this project; the bill stays the whole organization's
lookback_days = 30  # days of usage that are read and priced as one billing month
as_of = ""  # the audit's today, such as 2025-07-01; empty is the day the data was pulled
policy = "2025-06"  # contract rules in force: the handbook of this month, 2025-06 or 2026-11
rule_set = ""  # flat, net_spend or levers; empty is what the policy prices plans by
commitment_usd = 0  # a credit of your own at list value, to compare; 0 compares none
years = 1  # length of the contract
paid_upfront = False  # all years are paid at the start
payment_days = 30  # days to pay
non_profit = False  # the organization is a non-profit
startup_roll_off = False  # first plan after the startup programme
renewal_percent = 0  # chance of a renewal, for credit that rolls over; 0 counts none of it
most_loss_percent = 20  # highest chance of a loss that is recommended
discount_rate_percent = 0  # time value of money a year
draws = 10000  # simulated years
what_if = ""  # scenarios to compare, as JSON or a .json file: docs/scenarios.md
thresholds = ""  # your own thresholds on top, as JSON: {"CHECK": {"THRESHOLD": 40}}
suppressions = ""  # decisions to leave a finding as it is, as JSON; audit run takes the ledger's
previous = ""  # account.zip of the last report; a plan does not look back, so it is not read
store = ""  # a store file or an account.zip; empty: account.zip in this folder, or the sample
out = ""  # folder for findings.json, findings.csv and account.zip; empty writes nothing

# %%
import audit
from audit import prepaid, scenarios, views

chosen = audit.load_account(organization_id, store=store)
rules = {"policy": policy, "thresholds": thresholds, "suppressions": suppressions}
rules |= {"as_of": as_of, "lookback_days": lookback_days, "audience": "team"}
result = audit.examine(chosen, project_id=project_id, draws=draws, **rules)
views.title(result)

# %%
terms = prepaid.Terms(years, paid_upfront, payment_days, non_profit, startup_roll_off)
assumed = prepaid.Assumptions(renewal_percent, discount_rate_percent, most_loss_percent)
asked = {"rule_set": rule_set, "terms": terms, "assumptions": assumed}
plan = prepaid.plan_of(result, commitment_usd=commitment_usd or None, **asked)

# %% [markdown]
# ## The recommendation
#
# Whether to buy credit for a year, and how much. All usage is that after the fixes: who commits
# first and fixes later pays for usage that is gone. Every amount is an estimate.

# %%
views.plan_at_a_glance(plan)

# %% [markdown]
# ## Every way to pay
#
# Judged on the same simulated years. A loss is a year that would have cost less by the month.
# Credit that is not used is lost, and usage beyond the credit costs its list price.

# %%
views.plan_decision(plan)

# %% [markdown]
# ## Saving and risk by the credit bought
#
# The line jumps where a band of discounts starts. Left of its top credit is missing, right of it
# credit is wasted.

# %%
views.plan_curve(plan)

# %% [markdown]
# ## Regret
#
# Nobody knows which of the simulated years will come. How much more would the best way to pay of
# each year have saved?

# %%
views.plan_regret(plan)

# %% [markdown]
# ## Floor, base and bull
#
# The table as Sales uses it: the current month carried on, the trend of the last five invoices,
# and the growth of a year; then the same after the fixes.

# %%
views.plan_sales(plan)

# %% [markdown]
# ## Other futures
#
# The year as it is, with all findings fixed, and in your own scenarios (the parameter `what_if`),
# on the same simulated years. Usage, settings, products, prices and a plan are priced together.

# %%
compared = scenarios.compare(result, scenarios.scenarios(what_if))
views.scenarios(compared)

# %%
views.scenario_notes(compared)

# %% [markdown]
# ## What a person must confirm, and how to read this
#
# Points that wait for a commitment in writing are shown as pending and counted nowhere.

# %%
views.plan_rules(plan)

# %%
views.written(audit.write(result, out) if out else [])
