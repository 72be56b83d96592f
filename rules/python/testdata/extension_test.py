"""Extension modules: how they are called, and what is said of those that cannot be loaded."""

import importlib.machinery
import importlib.util
import os
import sys

import pytest

SUFFIX = ".cpython-313-wasm32-wasi.so"
FOLDER = "/out/rules/python/testdata"

sys.path.insert(0, FOLDER)

import _odd  # noqa: E402


def load(path):
    loader = importlib.machinery.ExtensionFileLoader("_x", str(path))
    return importlib.util.module_from_spec(importlib.util.spec_from_loader("_x", loader))


def test_it_is_found_by_its_suffix():
    assert SUFFIX in importlib.machinery.EXTENSION_SUFFIXES
    assert _odd.__file__ == FOLDER + "/_odd" + SUFFIX


def test_functions_with_other_numbers_of_parameters():
    assert _odd.no_parameters() == "none"
    assert _odd.only_self() == "self"
    assert _odd.no_keywords(1, 2, three=3) == (1, 2)
    assert _odd.exact("x") == "x"
    assert list(map(_odd.exact, [1, 2])) == [1, 2]


def test_attributes_without_closure():
    odd = _odd.Odd()
    assert odd.value is None
    odd.value = 42
    assert odd.value == 42
    assert odd.only_self() == "self"


def test_wrong_arguments_are_python_errors():
    with pytest.raises(TypeError):
        _odd.no_parameters(1)
    with pytest.raises(TypeError):
        _odd.exact()


@pytest.mark.parametrize(
    "content, problem",
    [
        (b"", "it is not a WebAssembly module"),
        (b"\x7fELF\x02\x01\x01", "it is a native library (ELF), not a WebAssembly module"),
        (b"\x00asm\x01\x00\x00\x00", "it has no section dylink.0"),
        ("truncated", "it ends too early"),
    ],
)
def test_what_cannot_be_loaded(tmp_path, content, problem):
    if content == "truncated":
        with open(_odd.__file__, "rb") as f:
            content = f.read()[:600]
    path = tmp_path / ("_x" + SUFFIX)
    path.write_bytes(content)
    with pytest.raises(ImportError) as error:
        load(path)
    assert problem in str(error.value)
    assert str(path) in str(error.value)


def test_the_module_has_no_function_to_start_it():
    with pytest.raises(ImportError, match="does not define module export function .PyInit__x"):
        load(_odd.__file__)


def test_a_missing_file():
    with pytest.raises(ImportError, match="/nowhere.so: no such file or directory"):
        load("/nowhere.so")
