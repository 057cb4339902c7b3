"""The kinds of clean noise that the benchmark measures on."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def noise():
    return loaded("noise")


@pytest.fixture(scope="session")
def benchmark():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return loaded("spikes")
    finally:
        sys.path.remove(str(BENCHMARKS))
