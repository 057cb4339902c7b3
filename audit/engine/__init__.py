"""Notebooks on warm kernels."""
