"""Whom to write to next, in what order and why. See :func:`audit.queue.ranking.queue`."""
