"""The wheel takes along the files that stand at the top of the repository; the rest is in pyproject.toml."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("manifest.yml", "desk.sample.yml")


class BuildWithFiles(build_py):
    """Copies them beside `bot/files.py`, which finds them there once Baton is installed."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in CARRIED:
                self.copy_file(name, str(Path(self.build_lib, "bot", name)))


setup(cmdclass={"build_py": BuildWithFiles})
