# %% [markdown]
# # Savings review

# %% tags=["parameters"]
store = ""  # a store file with later data; empty is the sample portfolio, partly fixed on purpose
ledger = ""  # the ledger with what `audit record` predicted; empty only with the sample
organization_id = ""  # one organization, by its id; empty is all that are on record
as_of = ""  # the audit's today, such as 2027-01-06; empty is the day the data was pulled
lookback_days = 30  # days of usage that are read and priced as one billing month
thresholds = ""  # your own thresholds on top, as JSON: {"CHECK": {"THRESHOLD": 40}}
out = ""  # folder for savings_review.json; empty writes nothing

# %%
from audit import verify, views

rules = {"organization_id": organization_id, "as_of": as_of, "lookback_days": lookback_days}
found = verify.savings_review(store, ledger, thresholds=thresholds, **rules)
views.savings_at_a_glance(found)

# %% [markdown]
# ## Predicted and saved
#
# Each point is a change that was made. Across stands what was predicted before anybody wrote, and
# upwards what is saved now. Points near the line were predicted well; the bars are 80% of outcomes.

# %%
views.predicted_and_saved(found)

# %% [markdown]
# ## By account
#
# What all changes of an account save together, each unit of usage counted once. The last column
# says what may be told to the customer; it names no cause.

# %%
views.savings_by_account(found)

# %% [markdown]
# ## What came of each prediction
#
# Usage would have moved without any change, too. How far is told by the usage of the same product
# that nobody was asked to change; what is missing beyond that is what was saved, put back on
# today's bill and priced by its tiers, limits and discounts.

# %%
views.savings_outcomes(found)

# %% [markdown]
# ## Whether predictions hold
#
# The latest outcome of every prediction, by check. Where outcomes fall outside the predicted range
# more often than one in five, the range is too narrow.

# %%
views.calibration(found.calibration)

# %%
views.written(found.write(out) if out else [])
