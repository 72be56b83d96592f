import layout
import pytest
from problem import Problem


@pytest.fixture
def tree(tmp_path):
    def make(*paths, **contents):
        for path in [*paths, *contents]:
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(contents.get(path, ""))
        return str(tmp_path)

    return make


def find(tree, name, modules=()):
    found = layout.find(tree, name, modules)
    return found.modules, sorted(found.files())


@pytest.mark.parametrize("root", ["", "src/", "lib/", "python/"])
def test_a_package(tree, root):
    path = tree("setup.py", root + "pkg/__init__.py", root + "pkg/sub/data.txt", "tests/test_pkg.py")
    assert find(path, "pkg") == (["pkg"], ["pkg/__init__.py", "pkg/sub/data.txt"])


def test_a_module(tree):
    assert find(tree("six.py", "test_six.py", "setup.py"), "six") == (["six"], ["six.py"])


def test_an_extension_module(tree):
    suffix = ".cpython-313-wasm32-wasi.so"
    path = tree("top" + suffix, "pkg/_pkg" + suffix, "other.cpython-312-wasm32-wasi.so", **{"top-1.dist-info/top_level.txt": "top\nother\npkg"})
    assert find(path, "top") == (["pkg", "top"], ["pkg/_pkg" + suffix, "top" + suffix])


def test_a_folder_of_the_same_name_is_not_the_package(tree):
    assert find(tree("pkg/README", "src/pkg/__init__.py"), "pkg") == (["pkg"], ["pkg/__init__.py"])


def test_a_folder_without_python_is_not_the_package(tree):
    path = tree("pkg/_pkg.pyx", "pkg/_pkg.h", "lib/pkg/__init__.py")
    assert find(path, "pkg") == (["pkg"], ["pkg/__init__.py"])


def test_a_namespace_package(tree):
    assert find(tree("pkg/sub/part.py"), "pkg") == (["pkg"], ["pkg/sub/part.py"])


@pytest.mark.parametrize("folder", ["src/x.egg-info", "src/x-1.dist-info"])
def test_modules_that_the_source_lists_ride_along(tree, folder):
    path = tree("src/a.py", "src/_a/__init__.py", "src/other.py", **{folder + "/top_level.txt": "_a\na\ngone\n"})
    assert find(path, "a") == (["_a", "a"], ["_a/__init__.py", "a.py"])


def test_modules_that_the_build_file_lists(tree):
    path = tree("a.py", "b.py", "c.py", **{"x.egg-info/top_level.txt": "a\nb\n"})
    assert find(path, "a", ["c"]) == (["a", "c"], ["a.py", "c.py"])


def test_what_is_not_there_is_named(tree):
    path = tree("a.py", "README")
    with pytest.raises(Problem, match="no module named b; at its top are README, a.py. Set import_name"):
        find(path, "b")
    with pytest.raises(Problem, match="modules names c"):
        find(path, "a", ["a", "c"])
