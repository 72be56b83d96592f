import importlib.util
import marshal
import types

import bytecode
import pytest
from problem import Problem

SOURCE = '''"""Module."""

import os

class C:
    """Class."""

    attribute: int = (
        1 +
        2
    )

    def method(self, x=[i for i in range(3)]):
        """Method."""
        assert x, "not empty"
        try:
            return {k: v
                    for k, v in zip("abcdefgh" * 3, (1, 2, 3, 4, 5, 6, 7, 8) * 3)
                    if k != v and
                    v}
        except (ValueError,
                KeyError) as e:
            raise RuntimeError(
                "a long call",
                e,
            ) from e
        finally:
            x.append(lambda: (yield))

def plain():
    return ["not a docstring", os.path.join("a",
        "b", "c")]
'''


def load(content):
    assert content[:4] == importlib.util.MAGIC_NUMBER
    return marshal.loads(content[16:])


def walk(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from walk(const)


def test_lines_are_those_of_the_compiler():
    content, _ = bytecode.compile_module(SOURCE.encode(), "pkg/m.py")
    ours = list(walk(load(content)))
    theirs = list(walk(compile(SOURCE, "pkg/m.py", "exec")))
    assert len(ours) == len(theirs) >= 5
    for a, b in zip(ours, theirs):
        assert list(a.co_lines()) == list(b.co_lines())
        assert list(a.co_positions()) == list(b.co_positions())
        assert len(a.co_linetable) <= len(b.co_linetable)
        assert a.co_filename == "pkg/m.py"
    assert sum(len(a.co_linetable) for a in ours) < sum(len(b.co_linetable) for b in theirs) / 1.5


def test_large_jumps_between_lines():
    source = "x = 1\n" + "\n" * 5000 + "y = 2\n" + "z = [%s]\n" % ", ".join("x + y" for _ in range(100))
    content, _ = bytecode.compile_module(source.encode(), "m.py")
    assert list(load(content).co_lines()) == list(compile(source, "m.py", "exec").co_lines())


def test_the_header_has_neither_time_nor_hash():
    content, _ = bytecode.compile_module(b"", "m.py")
    assert content[4:16] == b"\1\0\0\0" + bytes(8)


def test_docstrings_and_asserts_stay():
    namespace = {"__name__": "m"}
    content, _ = bytecode.compile_module(SOURCE.encode(), "m.py")
    exec(load(content), namespace)
    assert namespace["__doc__"] == "Module."
    assert namespace["C"].method.__doc__ == "Method."
    with pytest.raises(AssertionError, match="not empty"):
        namespace["C"]().method([])


def test_sizes_add_up():
    content, sizes = bytecode.compile_module(SOURCE.encode(), "m.py")
    assert sum(sizes.values()) == len(content)
    assert sizes["docs"] == len("Module.Class.Method.")


@pytest.mark.parametrize("source", [b"print 'x'", b"# coding: nonsense\n", b"x = '\xff'"])
def test_what_is_not_python_is_named(source):
    with pytest.raises(Problem, match=r"a/b\.py: .*add it to strip"):
        bytecode.compile_module(source, "a/b.py")


def test_warnings_of_the_compiler_are_not_ours(recwarn):
    bytecode.compile_module(b"x = '\\d' is 1", "m.py")
    assert not recwarn.list
