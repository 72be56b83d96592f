"""Configures a Meson project as meson-python does.

usage: python configure.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/meson.bzl writes. OUTPUT becomes the
build tree, ready for ninja. It is made where it stays while it is used, since
its files have its path in them.
"""

import contextlib
import os
import shutil
import subprocess
import sys

import command
import requirements
from problem import Problem

_PRESENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "presence.py")

# How much of Meson's log is shown when it fails.
_LOG_LINES = 30


def configure(config, output):
    """Writes the build tree."""
    requirements.check_source(config["source"])
    import mesonpy  # after the check that it is there

    class Project(mesonpy.Project):
        def _run(self, arguments):
            # Either `meson ...`, or `python .../meson.py ...`.
            program = [shutil.which(arguments[0])] if arguments[0] != sys.executable else []
            done = subprocess.run(
                [sys.executable, _PRESENCE, config["source"], *program, *arguments[1:]],
                cwd=self._build_dir,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            if done.returncode:
                raise Problem(_failure(done.stdout, self._build_dir))

    os.chdir(config["source"])
    options = ["-D%s=%s" % option for option in sorted(config["options"].items())]
    try:
        Project(config["source"], config["build"], {"setup": options})
    except mesonpy.Error as e:
        raise Problem(str(e)) from e
    # meson-python writes its settings for Meson each time.
    os.remove(os.path.join(config["build"], "meson-python-native-file.ini"))
    # Meson locks a folder of sources that come with the project.
    with contextlib.suppress(FileNotFoundError):
        os.remove(os.path.join(config["source"], "subprojects", ".wraplock"))
    for name in os.listdir(config["build"]):
        shutil.move(os.path.join(config["build"], name), output)
    os.rmdir(config["build"])


def _failure(output, build):
    """Returns what to say when Meson has failed: the ends of its output and of its log."""
    message = ["Meson cannot configure it:", *output.splitlines()[-_LOG_LINES:]]
    log = os.path.join(build, "meson-logs", "meson-log.txt")
    if os.path.isfile(log):
        with open(log, encoding="utf-8", errors="replace") as f:
            message += ["", "The end of Meson's log:", *f.read().splitlines()[-_LOG_LINES:]]
    message += ["", "What a project can do without is often among its options: set it in options. What it needs, add to build_deps."]
    return "\n".join(message)


if __name__ == "__main__":
    command.run(configure)
