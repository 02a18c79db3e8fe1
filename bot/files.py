"""Paths of the files that Baton is shipped with."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def resource_path(name: str) -> Path:
    """In a checkout `manifest.yml` and `desk.sample.yml` are one folder up, in a wheel beside this module."""
    for folder in (PACKAGE, PACKAGE.parent):
        path = folder / name
        if path.is_file():
            return path
    raise FileNotFoundError(f"Baton's own file {name} is missing beside {PACKAGE}: install Baton again.")
