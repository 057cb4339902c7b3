"""Reports of many accounts in one go, which can be broken off and continued. See :func:`batch`."""
