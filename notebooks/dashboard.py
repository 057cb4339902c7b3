# %% tags=["parameters"]
organization_id = ""  # the account to open, by id or exact name; empty is the portfolio
view = ""  # what to open: portfolio, account, scenarios or review
store = ""  # a store file; empty is the sample portfolio of twelve made-up organizations
policy = "2025-06"  # thresholds in force: the handbook of this month, 2025-06 or 2026-11
as_of = ""  # the audit's today, such as 2026-11-01; empty is the day the data was pulled
lookback_days = 30  # days of usage that are read and priced as one billing month
thresholds = ""  # your own thresholds on top, as JSON: {"CHECK": {"THRESHOLD": 40}}
audience = "team"  # whose findings are shown: team or customer
ledger = ""  # file or address of the ledger of decisions; empty reads none and writes none
visitor = ""  # your name, for decisions you take; only where no server knows it

# %%
from audit import dashboard

# %%
rules = {"policy": policy, "as_of": as_of, "lookback_days": lookback_days}
rules |= {"thresholds": thresholds}

# %%
board = dashboard.judged(store, ledger=ledger, **rules)

# %%
opened = {"organization_id": organization_id, "view": view, "audience": audience}
opened |= {"ledger": ledger, "visitor": visitor}

# %%
dashboard.page(board, store, **opened)
