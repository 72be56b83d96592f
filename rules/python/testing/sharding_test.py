import pytest
import sharding

FILES = {"a/test_1.py": 5, "a/b/test_2.py": 4, "a/b/x_test.py": 3, "a/b/helper.py": 9, "test_3.py": 1}
PATTERNS = ["test_*.py", "*_test.py"]


@pytest.fixture
def root(tmp_path):
    for path, size in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
    return str(tmp_path)


@pytest.mark.parametrize(
    "paths, files",
    [
        (["a"], ["a/b/test_2.py", "a/b/x_test.py", "a/test_1.py"]),
        (["a/**/b", "test_3.py"], ["a/b/test_2.py", "a/b/x_test.py", "test_3.py"]),
        (["a/b/helper.py"], ["a/b/helper.py"]),
        (["*.py", "test_3.py"], ["test_3.py"]),
    ],
)
def test_files(root, paths, files):
    assert sharding.test_files(root, paths, PATTERNS) == files


@pytest.mark.parametrize("path", ["gone", "gone/*", "test_3.pyx"])
def test_a_path_without_tests_is_named(root, path):
    with pytest.raises(ValueError, match="there are no tests"):
        sharding.test_files(root, ["a", path], PATTERNS)


def test_shards_are_about_as_large(root):
    files = [path for path in FILES if "helper" not in path]
    shards = [sharding.shard(root, files, i, 2) for i in range(2)]
    assert shards == [["a/test_1.py", "test_3.py"], ["a/b/test_2.py", "a/b/x_test.py"]]
    assert sharding.shard(root, files, 0, 1) == sorted(files)


def test_no_shard_is_empty(root):
    with pytest.raises(ValueError, match="shards is 3, but there are only 2"):
        sharding.shard(root, ["a/test_1.py", "test_3.py"], 0, 3)
