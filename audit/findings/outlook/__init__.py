"""The coming billing periods of an account, as simulated paths that all its findings share.

Usage is forecast by meter, never dollars; every path is priced by itself, with its limits,
discounts and credit. So a range of the bill or of a saving is one of whole outcomes.
"""
