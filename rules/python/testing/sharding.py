"""Splits the test files of a package over several actions."""

import fnmatch
import glob
import os


def test_files(root, paths, python_files):
    """Returns, sorted, the test files below the root: those that the paths name or hold.

    A path is a file, a folder, or a glob of either. Raises ValueError if it
    stands for no test file.
    """
    files = set()
    for path in paths:
        found = set()
        for name in glob.glob(path, root_dir=root, recursive=True):
            full = os.path.join(root, name)
            found |= {name} if os.path.isfile(full) else _below(root, full, python_files)
        if not found:
            raise ValueError("paths has %s, where there are no tests" % path)
        files |= found
    return sorted(files)


def _below(root, folder, python_files):
    return {
        os.path.relpath(os.path.join(parent, name), root)
        for parent, _, names in os.walk(folder)
        for name in names
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in python_files)
    }


def shard(root, files, index, count):
    """Returns the files of one of `count` shards.

    The largest file goes to the shard that has the fewest bytes so far, and so
    on: size stands for time.
    """
    if count > len(files):
        raise ValueError("shards is %d, but there are only %d test files" % (count, len(files)))
    sizes = {path: os.path.getsize(os.path.join(root, path)) for path in files}
    shards = [[0, i, []] for i in range(count)]
    for path in sorted(files, key=lambda path: (-sizes[path], path)):
        smallest = min(shards)
        smallest[0] += sizes[path]
        smallest[2].append(path)
    return sorted(shards[index][2])
