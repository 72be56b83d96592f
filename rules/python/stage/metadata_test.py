import metadata
import pytest
from problem import Problem

PKG_INFO = """\
Metadata-Version: 2.1
Name: Zope.Thing
Version: 1.0
Summary: Größe
Requires-Dist: six
Description-Content-Type: text/x-rst

A long
description.
"""


@pytest.fixture
def tree(tmp_path):
    def make(files):
        for path, content in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return str(tmp_path)

    return make


def files(path, entry_points={}):
    found = metadata.read(path).files(entry_points)
    prefix = "zope_thing-1.0.dist-info/"
    assert all(name.startswith(prefix) for name in found)
    return {name.removeprefix(prefix): content for name, content in found.items()}


def test_metadata_without_description(tree):
    dist = metadata.read(tree({"PKG-INFO": PKG_INFO}))
    assert (dist.name, dist.version, dist.requires) == ("Zope.Thing", "1.0", ["six"])
    assert dist.files({})["zope_thing-1.0.dist-info/METADATA"].decode() == (
        "Metadata-Version: 2.1\nName: Zope.Thing\nVersion: 1.0\nSummary: Größe\nRequires-Dist: six\n"
    )


def test_the_version_has_to_be_that_of_the_build_file(tree):
    dist = metadata.read(tree({"PKG-INFO": PKG_INFO}))
    dist.check_version("")
    dist.check_version("1.0")
    with pytest.raises(Problem, match="its version is 1.0, the BUILD file 1.1"):
        dist.check_version("1.1")


@pytest.mark.parametrize(
    "sources",
    [
        {"src/x.egg-info/entry_points.txt": "[console_scripts]\nb = m:b\nA.b=m:a\n[other]\nc = m\n"},
        {
            "pyproject.toml": """
                [project]
                scripts = {"A.b" = "m:a", b = "m:b"}
                [project.entry-points.other]
                c = "m"
            """
        },
    ],
)
def test_entry_points(tree, sources):
    path = tree({"PKG-INFO": PKG_INFO, **sources})
    assert files(path)["entry_points.txt"] == b"[console_scripts]\nA.b = m:a\nb = m:b\n\n[other]\nc = m\n"
    assert files(path, {"g": ["x = y"]})["entry_points.txt"] == b"[g]\nx = y\n"


def test_no_entry_points(tree):
    assert "entry_points.txt" not in files(tree({"PKG-INFO": PKG_INFO, "pyproject.toml": "[project]\nname = 'x'"}))


def test_licences_that_the_metadata_lists(tree):
    info = PKG_INFO.replace("Requires-Dist", "License-File: LICENSE\nLicense-File: licenses/B\nRequires-Dist")
    path = tree({"PKG-INFO": info, "LICENSE": "a", "licenses/B": "b", "COPYING": "c"})
    found = files(path)
    assert found["licenses/LICENSE"] == path + "/LICENSE"
    assert found["licenses/licenses/B"] == path + "/licenses/B"
    assert "licenses/COPYING" not in found


def test_licences_by_their_names(tree):
    found = files(tree({"PKG-INFO": PKG_INFO, "License.txt": "a", "COPYING": "b", "README": "c", "docs/LICENSE": "d"}))
    assert {name for name in found if name.startswith("licenses/")} == {"licenses/License.txt", "licenses/COPYING"}


def test_a_wheel(tree):
    folder = "Zope_Thing-1.0.dist-info/"
    info = PKG_INFO.replace("Requires-Dist", "License-File: LICENSE\nRequires-Dist")
    path = tree(
        {
            "m.py": "",
            folder + "METADATA": info,
            folder + "entry_points.txt": "[g]\nx = m",
            folder + "licenses/LICENSE": "",
        }
    )
    found = files(path)
    assert found["entry_points.txt"] == b"[g]\nx = m\n"
    assert found["licenses/LICENSE"] == path + "/" + folder + "licenses/LICENSE"


@pytest.mark.parametrize(
    "sources, problem",
    [
        ({"setup.py": ""}, "neither PKG-INFO nor"),
        ({"PKG-INFO": "Name: x\n"}, "PKG-INFO lacks a name or a version"),
    ],
)
def test_no_metadata(tree, sources, problem):
    with pytest.raises(Problem, match=problem):
        metadata.read(tree(sources))


def test_record():
    got = metadata.record({"b/x.pyc": 3, "a,b": 1}, "d/RECORD")
    assert got == b'"a,b",,1\nb/x.pyc,,3\nd/RECORD,,\n'
