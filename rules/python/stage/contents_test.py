import contents
import pytest
from problem import Problem

CONFIG = {
    "data": {},
    "default_development": ["**/*.h"],
    "default_strip": ["**/tests/**", "**/*.h", "**/*.c"],
    "development": [],
    "entry_points": {},
    "import_name": "p",
    "keep": [],
    "modules": [],
    "scripts": [],
    "strip": [],
    "tests": ["**/tests/**"],
}


@pytest.fixture
def read(tmp_path):
    for path in ["src/p/__init__.py", "src/p/run.py", "src/p/x.c", "src/p/x.h", "src/p/tests/t.h", "include/y.h"]:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    (tmp_path / "PKG-INFO").write_text("Name: p\nVersion: 1\n")
    return lambda **changes: contents.Contents({**CONFIG, "tree": str(tmp_path), **changes})


def test_each_file_has_its_place(read):
    found = read()
    assert found.bundled == ["p-1.dist-info/METADATA", "p/__init__.py", "p/run.py"]
    assert found.development == {"p/x.h"}
    assert found.modules == ["p/__init__.py", "p/run.py"]
    assert found.read("p/x.h") == b"src/p/x.h"
    assert found.read("p-1.dist-info/METADATA") == b"Name: p\nVersion: 1\n"


def test_what_is_in_the_bundle_is_nowhere_else(read):
    assert read(keep=["p/x.h"]).development == set()


def test_what_is_beside_the_modules(read):
    found = read(development=["include/**"])
    assert found.development == {"include/y.h", "p/x.h"}
    assert found.read("include/y.h") == b"include/y.h"


def test_scripts_are_not_compiled(read):
    assert read(scripts=["p/r*.py"]).modules == ["p/__init__.py"]


@pytest.mark.parametrize("attribute", ["development", "scripts"])
def test_a_pattern_that_names_nothing_is_a_mistake(read, attribute):
    with pytest.raises(Problem, match=attribute + r": .*'p/nothing'"):
        read(**{attribute: ["p/nothing"]})
