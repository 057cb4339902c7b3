"""From verdicts to findings: flag, price, join, rank, explain."""
