import pytest
import selection
from problem import Problem

PATHS = ["a.py", "p/__init__.py", "p/tests/test_x.py", "p/q/tests/data.txt", "p/tests.py", "p/x.pyi", "p/.hidden"]


def choose(default=(), strip=(), keep=()):
    return selection.choose(PATHS, default, strip, keep)


@pytest.mark.parametrize(
    "pattern, gone",
    [
        ("**/tests/**", ["p/q/tests/data.txt", "p/tests/test_x.py"]),
        ("*.py", ["a.py"]),
        ("p/*", ["p/.hidden", "p/__init__.py", "p/tests.py", "p/x.pyi"]),
        ("**/*.pyi", ["p/x.pyi"]),
        ("p/?.pyi", ["p/x.pyi"]),
        ("**", sorted(PATHS)),
    ],
)
def test_patterns(pattern, gone):
    assert choose(strip=[pattern]) == sorted(set(PATHS) - set(gone))
    assert choose(default=[pattern]) == sorted(set(PATHS) - set(gone))


def test_keep_is_an_exception_to_both():
    assert choose(["**/*.pyi"], ["p/**"], ["p/x.pyi", "p/tests.py"]) == ["a.py", "p/tests.py", "p/x.pyi"]


def test_a_default_may_match_nothing():
    assert choose(default=["**/*.c"]) == sorted(PATHS)


def test_a_pattern_that_strips_nothing_is_a_mistake():
    with pytest.raises(Problem, match=r"strip: .*'nothing/\*\*'"):
        choose(strip=["nothing/**"])


def test_a_pattern_that_keeps_nothing_is_a_mistake():
    with pytest.raises(Problem, match=r"keep: .*'a.py'"):
        choose(default=["**/*.pyi"], keep=["a.py"])
