"""Runs a Python program that asks no more of a source than what it has to know.

usage: python presence.py SOURCE PROGRAM ARGUMENT...

A build system makes sure that each file it is told of is there. `os.path.isfile`
asks for the file's size with that, and the program would have to run again for
each change of a file that it has not read. Here the answer is looked up in the
folder of the file, whose entries tell their names and kinds alone.
"""

import os
import runpy
import sys


def entry(path, source):
    """Returns what a folder of the source says of a path in it: an os.DirEntry, or None."""
    if not isinstance(path, (str, os.PathLike)):
        return None
    folder, name = os.path.split(os.path.abspath(path))
    if not name or os.path.commonpath([folder, source]) != source:
        return None
    try:
        with os.scandir(folder) as entries:
            return next((e for e in entries if e.name == name), None)
    except OSError:
        return None


def install(source):
    """Has the functions of os.path ask the folders of the source."""

    def asking(tell, otherwise):
        def ask(path):
            found = entry(path, source)
            # A link leads elsewhere; what is not there is recorded as such.
            return otherwise(path) if found is None or found.is_symlink() else tell(found)

        return ask

    os.path.exists = asking(lambda found: True, os.path.exists)
    os.path.isdir = asking(os.DirEntry.is_dir, os.path.isdir)
    os.path.isfile = asking(os.DirEntry.is_file, os.path.isfile)


def main(source, program, *arguments):
    install(source)
    sys.argv = [program, *arguments]
    sys.path[0] = os.path.dirname(program)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
