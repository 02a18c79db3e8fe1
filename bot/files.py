"""The files Baton brings along, found in a checkout and in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def resource_path(name: str) -> Path:
    """`manifest.yml` and `desk.sample.yml` stand one folder up in a checkout, and beside this module in a wheel."""
    for folder in (PACKAGE, PACKAGE.parent):
        path = folder / name
        if path.is_file():
            return path
    raise FileNotFoundError(f"Baton's own file {name} is missing beside {PACKAGE}: install Baton again.")
