import pytest
import requirements
from problem import Problem


@pytest.mark.parametrize(
    "requirement, names",
    [
        ("six", ["six"]),
        ("Zope.Interface_x>=1", ["zope-interface-x"]),
        ("mpmath<1.4,>=1.1.0", ["mpmath"]),
        ("a[b,c] (>=1)", ["a"]),
        ("a @ https://example.org/a.zip", ["a"]),
        ("tomli>=2; python_version < '3.11'", []),
        ("tomli>=2; python_version < '3.110'", ["tomli"]),
        ("x; python_version >= '3.9' and (sys_platform == 'wasi' or os_name == 'nt')", ["x"]),
        ("x; sys_platform == 'win32' or sys_platform == \"darwin\"", []),
        ("x; extra == 'dev'", []),
        ("x; 'was' in sys_platform", ["x"]),
        ("x; sys_platform not in 'linux darwin'", ["x"]),
        ("x; python_full_version > '3.0.0' and implementation_name != 'pypy'", ["x"]),
        ("x; python_version == '3.13.0' or python_version <= '2' or python_version > '4'", ["x"]),
    ],
)
def test_required(requirement, names):
    assert requirements.required([requirement]) == names


@pytest.mark.parametrize(
    "requirement",
    ["", "-x", "x; python_version", "x; python_version ~= '3'", "x; nonsense == '1'", "x; 1 < 2", "x; __import__('os')"],
)
def test_what_cannot_be_read_is_named(requirement):
    with pytest.raises(Problem, match="cannot be"):
        requirements.required([requirement])


def test_missing_dependencies_are_named():
    requirements.check(["a-b", "c"], ["A_b", "c", "d"])
    with pytest.raises(Problem, match="requires a and c: add that to deps"):
        requirements.check(["a", "b", "c"], ["b"])
