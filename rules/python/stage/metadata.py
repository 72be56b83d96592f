"""The `.dist-info` folder of a bundle, from what an sdist or a wheel says of itself."""

import configparser
import csv
import email
import io
import os
import re
import tomllib

from problem import Problem

_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE")

# The long description can be larger than the code, and nothing reads it at run time.
_OMITTED = ["description", "description-content-type"]


class Distribution:
    """A distribution's metadata, and the folder that it was read from."""

    def __init__(self, tree, folder, message):
        self._tree = tree
        self._folder = folder
        self._message = message
        self.name = message["Name"]
        self.version = message["Version"]
        self.requires = message.get_all("Requires-Dist", [])
        # As the specification of wheels normalises them.
        self.folder = "%s-%s.dist-info" % (
            re.sub(r"[-_.]+", "_", self.name).lower(),
            self.version.replace("-", "_"),
        )

    def check_version(self, expected):
        """Raises a Problem if the BUILD file states another version."""
        if expected and expected != self.version:
            raise Problem("the source says that its version is %s, the BUILD file %s" % (self.version, expected))

    def files(self, entry_points):
        """Returns the files of the `.dist-info` folder but RECORD: a dict from path to content.

        The content is either bytes or the path of a file. `entry_points` maps
        groups to lines; without any, they are those of the source.
        """
        files = {self.folder + "/METADATA": self._metadata()}
        points = _entry_points_text(entry_points or self._entry_points())
        if points:
            files[self.folder + "/entry_points.txt"] = points
        for path, name in self._licences():
            files["%s/licenses/%s" % (self.folder, name)] = path
        return files

    def _metadata(self):
        lines = ["%s: %s" % item for item in self._message.items() if item[0].lower() not in _OMITTED]
        return ("\n".join(lines) + "\n").encode()

    def _licences(self):
        """Yields the (path, name) of each licence: those that the metadata lists, or else those at the top."""
        listed = self._message.get_all("License-File", [])
        for folder in [self._tree, os.path.join(self._folder, "licenses"), self._folder]:
            names = listed or filter(_is_licence, os.listdir(folder) if os.path.isdir(folder) else [])
            found = {name for name in names if os.path.isfile(os.path.join(folder, name))}
            if found:
                for name in sorted(found):
                    yield os.path.join(folder, name), name
                return

    def _entry_points(self):
        """Returns the entry points that the source declares: a dict from group to lines."""
        for folder in [self._folder, *_egg_infos(self._tree)]:
            path = os.path.join(folder, "entry_points.txt")
            if os.path.isfile(path):
                parser = _parser()
                parser.read(path, encoding="utf-8")
                return {group: _lines(parser[group]) for group in parser.sections()}
        path = os.path.join(self._tree, "pyproject.toml")
        if not os.path.isfile(path):
            return {}
        with open(path, "rb") as f:
            project = tomllib.load(f).get("project", {})
        groups = {
            "console_scripts": project.get("scripts", {}),
            "gui_scripts": project.get("gui-scripts", {}),
            **project.get("entry-points", {}),
        }
        return {group: _lines(points) for group, points in groups.items() if points}


def read(tree):
    """Returns the Distribution that an sdist (PKG-INFO) or a wheel (METADATA) holds."""
    candidates = [os.path.join(tree, "PKG-INFO")]
    candidates += [os.path.join(tree, d, "METADATA") for d in sorted(os.listdir(tree)) if d.endswith(".dist-info")]
    for path in candidates:
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as f:
                message = email.message_from_file(f)
            if not message["Name"] or not message["Version"]:
                raise Problem("%s lacks a name or a version" % os.path.relpath(path, tree))
            return Distribution(tree, os.path.dirname(path), message)
    raise Problem("the source has neither PKG-INFO nor a .dist-info folder: it is no sdist and no wheel")


def record(sizes, own_path):
    """Returns the content of RECORD: each file with its size.

    The column for the hash is left empty, as the specification allows: hashes do
    not compress, and would be a quarter of a bundle of many small files. The hash
    of the whole archive is beside it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for path in sorted([*sizes, own_path]):
        writer.writerow([path, "", sizes.get(path, "")])
    return out.getvalue().encode()


def _egg_infos(tree):
    """Returns the folders in which setuptools notes what an sdist holds."""
    parents = [tree, os.path.join(tree, "src"), os.path.join(tree, "lib")]
    return [
        os.path.join(parent, entry)
        for parent in parents if os.path.isdir(parent)
        for entry in sorted(os.listdir(parent))
        if entry.endswith(".egg-info")
    ]


def _is_licence(name):
    return name.upper().startswith(_LICENCES)


def _parser():
    parser = configparser.ConfigParser(delimiters=["="], interpolation=None)
    parser.optionxform = str  # names of entry points are case-sensitive
    return parser


def _lines(points):
    return ["%s = %s" % item for item in points.items()]


def _entry_points_text(groups):
    sections = ["[%s]\n%s\n" % (group, "\n".join(sorted(groups[group]))) for group in sorted(groups)]
    return "\n".join(sections).encode()
