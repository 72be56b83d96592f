"""What a distribution holds, and what of that goes where."""

import os

import files
import layout
import metadata
import selection


class Contents:
    """The files of a distribution, by their path where it is installed.

    `files` maps each path to bytes or to the path of a file. `bundled` are the
    paths that go into the bundle, `modules` those of them that are compiled, and
    `development` what is not in it and others are built against.
    """

    def __init__(self, config):
        self.source = layout.find(config["tree"], config["import_name"], config["modules"])
        self.distribution = metadata.read(config["tree"])
        self.files = {path: os.path.join(self.source.root, path) for path in self.source.files()}
        self.files.update(config["data"])
        self.files.update(self.distribution.files(config["entry_points"]))
        self.bundled = selection.choose(self.files, config["default_strip"], config["strip"], config["keep"])
        scripts = selection.named("scripts", config["scripts"], self.bundled, "file of the bundle")
        self.modules = [path for path in self.bundled if path.endswith(".py") and path not in scripts]

        interfaces = selection.matching(self.files, config["default_development"])
        tests = selection.matching(interfaces, config["tests"])
        self.development = interfaces - tests - set(self.bundled)
        if config["development"]:
            beside = dict(_walk(config["tree"]))
            further = selection.named("development", config["development"], beside)
            self.files.update((path, beside[path]) for path in further)
            self.development |= further

    def read(self, path):
        """Returns the content of a file."""
        return files.read(self.files[path])


def _walk(tree):
    """Yields (path below the tree, path) of each file of a tree."""
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            yield os.path.relpath(path, tree), path
