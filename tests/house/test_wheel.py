"""Baton works where it is installed, far from its repository."""

import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).parents[2]
LEFT_BEHIND = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info", "tests", "docs")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds Baton's wheel; what Baton depends on is lent by the environment of the tests."""
    place = tmp_path_factory.mktemp("elsewhere")
    source = shutil.copytree(TOP, place / "source", ignore=LEFT_BEHIND)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", place, source, at=place)
    venv.create(place / "env", with_pip=False)
    python = place / "env/bin/python"
    home = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", at=place).strip()
    (wheel,) = place.glob("*.whl")
    pip = (sys.executable, "-m", "pip", "--python", python, "install")
    run(*pip, "--quiet", "--no-deps", "--no-index", wheel, at=place)
    Path(home, "lent.pth").write_text("\n".join(lent()))
    shutil.rmtree(source)
    return place


def lent() -> list[str]:
    """The folders with all other packages; named in a .pth file, their own .pth files (an editable Baton) rest."""
    return site.getsitepackages()


def run(*command: str | Path, at: Path) -> str:
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_baton_tells_its_version(elsewhere: Path) -> None:
    assert run(elsewhere / "env/bin/baton", "--version", at=elsewhere).strip() == "baton 0.1.0"


def test_baton_brings_its_manifest(elsewhere: Path) -> None:
    printed = run(elsewhere / "env/bin/baton", "manifest", at=elsewhere)

    assert yaml.safe_load(printed) == yaml.safe_load((TOP / "manifest.yml").read_text())


def test_the_wheel_holds_every_file_of_the_packages(elsewhere: Path) -> None:
    python = elsewhere / "env/bin/python"
    home = Path(run(python, "-c", "import bot.files; print(bot.files.__file__)", at=elsewhere).strip()).parents[1]

    assert [name for name in packaged_files() if not (home / name).is_file()] == []
    assert elsewhere in home.parents


def packaged_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    packages = ("rules", "storage", "services", "handlers", "bot")
    listed = subprocess.run([*command, *packages], cwd=TOP, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if (TOP / name).is_file()]
