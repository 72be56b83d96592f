"""Makes the wheel of a Meson project that is built, as meson-python does.

usage: python assemble.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/meson.bzl writes. OUTPUT becomes the
wheel.
"""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile

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


def main(config_path, output):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    output = os.path.abspath(output)
    os.chdir(config["source"])
    with tempfile.TemporaryDirectory() as folder:
        try:
            # It tells of each file.
            with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
                wheel = Project(config["source"], config["build"]).wheel(folder)
        except mesonpy.Error as e:
            sys.exit("%s: %s" % (config["label"], e))
        os.remove(os.path.join(config["build"], "meson-python-native-file.ini"))
        shutil.move(wheel, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
