import pytest
import requirements
from problem import Problem


@pytest.fixture
def source(tmp_path):
    def write(text):
        (tmp_path / "pyproject.toml").write_text(text)
        return str(tmp_path)

    return write


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[build-system]\n",
        "[build-system]\nrequires = []\n",
        "[build-system]\nrequires = ['Packaging>=20']\n",
        "[build-system]\nrequires = ['setuptools; sys_platform == \"win32\"']\n",
    ],
)
def test_what_is_there_is_enough(source, text):
    requirements.check_source(source(text))


def test_a_source_may_say_nothing(tmp_path):
    requirements.check_source(str(tmp_path))
    assert requirements.build_system(str(tmp_path)) == {}


def test_what_is_missing_is_named(source):
    path = source("[build-system]\nrequires = ['not_here>=0.18', 'packaging', 'Nor.This[x]>3']\n")
    with pytest.raises(Problem, match="^it needs nor-this and not-here to be built, as pyproject.toml says: add that to build_deps$"):
        requirements.check_source(path)


@pytest.mark.parametrize("text", ["[build-system", "[build-system]\nrequires = ['-']\n", "[build-system]\nrequires = 7\n"])
def test_what_cannot_be_read(source, text):
    with pytest.raises(Problem, match="^pyproject.toml: "):
        requirements.check_source(source(text))


def test_what_a_backend_asks_for():
    requirements.check(["packaging"], "its build backend")
    with pytest.raises(Problem, match="^it needs not-here to be built, as its build backend says: "):
        requirements.check(["not_here"], "its build backend")
