"""The fault corpus: every check against faults planted in healthy accounts, and against what only
looks like one.

A planter describes what happens in the world ("a developer runs the app on localhost all month")
and lets the counts follow; it never asks what a check computes. What the waste costs is worked
out by ``money``, an oracle of its own: the bill with the waste less the bill without it.

Run it with ``make corpus``. Tuning and publishing seeds differ (``SEEDS`` in ``runner``).
"""
