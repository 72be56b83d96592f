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


@pytest.mark.parametrize(
    "patterns, message",
    [
        ({"strip": ["nothing/**"]}, "strip: no file of the source matches 'nothing/**'"),
        ({"strip": ["p/test/**"]}, "strip: no file of the source matches 'p/test/**'; did you mean 'p/tests/**'?"),
        ({"strip": ["p/__init.py"]}, "strip: no file of the source matches 'p/__init.py'; did you mean 'p/__init__.py'?"),
        ({"strip": ["**/*.pyii"]}, "strip: no file of the source matches '**/*.pyii'; did you mean '**/*.pyi'?"),
        # What would not be stripped need not be kept.
        ({"keep": ["a.py"]}, "keep: no file that would be stripped matches 'a.py'"),
        ({"keep": ["p/y.pyi"]}, "keep: no file that would be stripped matches 'p/y.pyi'; did you mean 'p/x.pyi'?"),
    ],
)
def test_a_pattern_that_changes_nothing_is_a_mistake(patterns, message):
    with pytest.raises(Problem) as failure:
        choose(default=["**/*.pyi"], **patterns)
    assert str(failure.value) == message
