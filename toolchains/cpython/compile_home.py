"""Compiles the standard library to bytecode.

usage: compile_home.py [--exclude=GLOB]... [--keep-sources] LIBRARY OUTPUT

LIBRARY is lib/pythonX.Y below some prefix; OUTPUT becomes the same directory with
bytecode. A .pyc takes the place of its source, or, with --keep-sources, goes to
__pycache__ beside it. Files of other kinds are copied.
"""

import argparse
import pathlib
import py_compile
import shutil
import sys


def compile_file(source, target, name):
    """Compiles source to target. The bytecode says that its source is name."""
    py_compile.compile(
        source,
        cfile=target,
        dfile=name,
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--exclude", action="append", default=[])
    parser.add_argument("--keep-sources", action="store_true")
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()

    prefix = options.library.parents[1]
    for source in sorted(options.library.rglob("*")):
        path = source.relative_to(options.library)
        if source.is_dir() or any(path.full_match(glob) for glob in options.exclude):
            continue
        target = options.output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        name = str(source.relative_to(prefix))
        if source.suffix != ".py":
            shutil.copyfile(source, target)
        elif not options.keep_sources:
            compile_file(source, target.with_suffix(".pyc"), name)
        else:
            shutil.copyfile(source, target)
            cache = target.parent / "__pycache__"
            try:
                compile_file(source, cache / f"{path.stem}.{sys.implementation.cache_tag}.pyc", name)
            except (py_compile.PyCompileError, ValueError, RecursionError):
                pass  # Tests have sources that are wrong on purpose.


if __name__ == "__main__":
    main()
