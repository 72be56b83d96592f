"""The version, where upstream's build writes it as a literal."""

from importlib.metadata import version

__version__ = version("pybind11")
version_info = tuple(int(part) if part.isdigit() else part for part in __version__.split("."))
