"""Makes the wheel of a Meson project that is built, as meson-python does.

usage: python assemble.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/meson.bzl writes. OUTPUT becomes the
wheel.
"""

import os
import shutil
import tempfile

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


def assemble(config, output):
    """Writes the wheel."""
    os.chdir(config["source"])
    # It tells of each file.
    with tempfile.TemporaryDirectory() as folder, quiet("its wheel cannot be made:"):
        wheel = Project(config["source"], config["build"]).wheel(folder)
        os.remove(os.path.join(config["build"], "meson-python-native-file.ini"))
        shutil.move(wheel, output)


if __name__ == "__main__":
    command.run(assemble)
