"""Settings for the tests that run inside the lab."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: the domain takes its time, up to a minute")
