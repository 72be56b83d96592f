"""Makes the wheel of a Meson project that is built, as meson-python does.

usage: python assemble.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/meson.bzl writes. OUTPUT becomes a
directory with what the wheel would hold, but for RECORD.
"""

import os

import command
import mesonpy
from quiet import quiet

# Neither is started any more; meson-python looks for them all the same.
mesonpy._get_meson_command = lambda *arguments: ["meson"]
mesonpy._env_ninja_command = lambda: "ninja"


class Project(mesonpy.Project):
    """A project that has been configured and built."""

    def _configure(self, reconfigure=False):
        pass

    def build(self):
        pass


class Folder:
    """A folder, with the methods of meson-python's wheels. What is there already is not read."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def write(self, file, path):
        os.link(os.path.realpath(file), self._place(path))

    def writestr(self, path, content):
        with open(self._place(path), "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)

    def _place(self, path):
        place = os.path.join(self._path, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        return place


def assemble(config, output):
    """Writes what the wheel holds."""
    mesonpy._wheelfile.WheelFile = lambda path, mode: Folder(output)
    os.chdir(config["source"])
    # It tells of each file.
    with quiet("its wheel cannot be made:"):
        Project(config["source"], config["build"]).wheel("")
    os.remove(os.path.join(config["build"], "meson-python-native-file.ini"))


if __name__ == "__main__":
    command.run(assemble)
