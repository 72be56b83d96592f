"""Writes trees of files."""

import os

# What is large is not read here if it can be given another name.
_LINKED = (".pyc", ".so")


def write(folder, contents):
    """Writes files: a dict from path to bytes or to the path of the file to take."""
    os.makedirs(folder, exist_ok=True)
    for path, content in contents.items():
        target = os.path.join(folder, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if isinstance(content, str) and path.endswith(_LINKED):
            os.link(content, target)
            continue
        with open(target, "wb") as f:
            f.write(read(content))


def read(content):
    """Returns the content of a file, of which it or the path is given."""
    if isinstance(content, bytes):
        return content
    with open(content, "rb") as f:
        return f.read()


def size(content):
    """Returns the size of a file, of which the content or the path is given."""
    return len(content) if isinstance(content, bytes) else os.path.getsize(content)
