"""Finds the importable modules of a distribution in its source tree."""

import os
from importlib.machinery import EXTENSION_SUFFIXES

from problem import Problem

# Where projects keep what is imported, the commonest first. A folder at the top
# may have the name of the module and be something else, so `src` is looked at
# before it, and a folder without Python is not taken for a module.
_ROOTS = ["src", ".", "lib", "python"]

# How the names of modules end that are files. In a wheel, some are binary.
_SUFFIXES = (".py", EXTENSION_SUFFIXES[0])


class Layout:
    """The modules of a distribution: `root/NAME/`, `root/NAME.py` or an extension module for each name."""

    def __init__(self, root, modules):
        self.root = root
        self.modules = modules

    def files(self):
        """Yields the path below the root of each file of the modules."""
        for module in self.modules:
            for suffix in _SUFFIXES:
                if os.path.isfile(os.path.join(self.root, module + suffix)):
                    yield module + suffix
            for folder, _, names in os.walk(os.path.join(self.root, module)):
                for name in names:
                    yield os.path.relpath(os.path.join(folder, name), self.root)


def find(tree, import_name, modules):
    """Returns the Layout of a source tree.

    The modules are those given, or else the import name and those that the
    project itself declares beside it.
    """
    for root in _ROOTS:
        root = os.path.normpath(os.path.join(tree, root))
        if _has(root, import_name):
            break
    else:
        raise Problem(
            "the source has no module named %s; at its top are %s. Set import_name to what is imported"
            % (import_name, ", ".join(sorted(os.listdir(tree))))
        )
    if modules:
        missing = [name for name in modules if not _has(root, name)]
        if missing:
            raise Problem("modules names %s, which the source does not have" % ", ".join(missing))
    else:
        modules = [name for name in _declared(root) if _has(root, name)]
    return Layout(root, sorted({import_name, *modules}))


def _has(root, module):
    path = os.path.join(root, module)
    return any(os.path.isfile(path + suffix) for suffix in _SUFFIXES) or any(
        name.endswith(_SUFFIXES) for _, _, names in os.walk(path) for name in names
    )


def _declared(root):
    """Returns the top-level modules that setuptools noted in an sdist or a wheel."""
    for entry in sorted(os.listdir(root)):
        if entry.endswith((".egg-info", ".dist-info")):
            path = os.path.join(root, entry, "top_level.txt")
            if os.path.isfile(path):
                with open(path, encoding="utf-8") as f:
                    return f.read().split()
    return []
