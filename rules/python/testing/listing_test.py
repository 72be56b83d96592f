import listing
import pytest

ID = "t/test_x.py::TestA::test_b[c-1]"


@pytest.mark.parametrize(
    "key, matches",
    [
        (ID, True),
        ("t/test_x.py::TestA::test_b", True),
        ("t/test_x.py::TestA", True),
        ("t/test_x.py", True),
        ("t/test_x.py::TestA::test_*", True),
        ("t/test_x.py::*[c-*]", True),
        ("t/test_x.py::Test", False),
        ("t/test_x.py::TestA::test_b[c]", False),
        ("t/test_x.py::TestA::test_b[?-1]", False),
        ("test_x.py", False),
    ],
)
def test_keys(key, matches):
    found = listing.Listing({key: "because"})
    assert found.key(ID) == (key if matches else None)
    assert found.unused({"t/test_x.py", "test_x.py"}) == ([] if matches else [key])


def test_a_key_of_another_shard_is_not_unused():
    assert listing.Listing({"b.py::test": "because"}).unused({"a.py"}) == []


def test_a_key_names_a_file():
    with pytest.raises(ValueError, match="xfail lists 'b.py::test', but b.py is not"):
        listing.Listing({"b.py::test": "because"}).check_files(["a.py"])
