"""What Hypothesis' tests share: the one file of them in its sdist comes without it."""

import sys

from hypothesis import given, settings


def assert_simple_property(strategy, predicate):
    """Fails unless the predicate holds for examples of the strategy."""

    @settings(database=None, max_examples=10)
    @given(strategy)
    def check(example):
        assert predicate(example)

    check()


def check_can_generate_examples(strategy):
    """Fails if the strategy has no examples, or cannot say what they are."""
    assert_simple_property(strategy, lambda _: True)


sys.modules["tests.common.debug"] = sys.modules[__name__]
