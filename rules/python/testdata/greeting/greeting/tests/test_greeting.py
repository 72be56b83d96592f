import importlib.metadata

import greeting
import pytest
from greeting import _failure


def test_what_a_generated_header_holds():
    assert [greeting.greet(i) for i in range(2)] == ["good morning Ada", "good morning Grace"]
    with pytest.raises(IndexError, match="nobody has number 2"):
        greeting.greet(2)


def test_what_meson_found_by_running_programs():
    assert greeting.found() == (4, 0)


def test_exceptions_of_cpp():
    with pytest.raises(RuntimeError, match="failed: why"):
        _failure.failure("why")


def test_metadata():
    assert importlib.metadata.version("greeting") == "1.5"
