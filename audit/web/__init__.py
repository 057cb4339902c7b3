"""HTTP to other systems: keys that never show, limits, retries, and errors of one line."""
