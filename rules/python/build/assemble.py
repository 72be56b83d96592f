"""Makes the wheel of a Meson project that is built, as meson-python does.

usage: python assemble.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/meson.bzl writes. OUTPUT becomes a
directory with what the wheel would hold, but for RECORD.
"""

import contextlib
import io
import json
import os
import sys

import mesonpy

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


def main(config_path, output):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    folder = Folder(os.path.abspath(output))
    mesonpy._wheelfile.WheelFile = lambda path, mode: folder
    os.chdir(config["source"])
    try:
        # It tells of each file.
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            Project(config["source"], config["build"]).wheel("")
    except mesonpy.Error as e:
        sys.exit("%s: %s" % (config["label"], e))
    os.remove(os.path.join(config["build"], "meson-python-native-file.ini"))


if __name__ == "__main__":
    main(*sys.argv[1:])
