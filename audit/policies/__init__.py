"""Policy packs: thresholds and rules as dated data. See :func:`audit.policy.load_policy`."""
