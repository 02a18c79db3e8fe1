"""`make hooks`: git refuses a commit whose staged files break the style, and other people's hooks stay."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
TIDY = '"""A module."""\n'
UNTIDY = "import os\nx = 'one'\n"
ITSELF = ("Makefile", "pyproject.toml", "tools/hooks", "tools/pre-commit")


class Repository:
    """A repository of its own, with Baton's hook scripts in it and no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        alone = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        own = {"HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._environment = alone | own
        for name in ITSELF:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy2(TOP / name, folder / name)
        self.run("git", "init", "--quiet")
        self.run("git", "config", "user.name", "Ana")
        self.run("git", "config", "user.email", "ana@example.com")
        self.run("git", "add", ".")
        self.run("git", "commit", "--quiet", "--message", "The beginning")

    @property
    def hook(self) -> Path:
        return self.folder / ".git/hooks/pre-commit"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )

    def stage(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        self.run("git", "add", name)

    def commit(self) -> subprocess.CompletedProcess[str]:
        return self.run("git", "commit", "--quiet", "--message", "A change")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_commit_that_breaks_the_style_is_refused_with_the_remedy(repository: Repository) -> None:
    assert repository.run("make", "hooks").returncode == 0
    repository.stage("a file.py", UNTIDY)

    refused = repository.commit()

    assert refused.returncode != 0
    assert "F401" in refused.stdout + refused.stderr
    assert "make format" in refused.stderr


def test_a_commit_in_good_style_passes(repository: Repository) -> None:
    repository.run("make", "hooks")
    repository.stage("a file.py", TIDY)

    assert repository.commit().returncode == 0


def test_the_staged_text_counts_and_not_the_one_in_the_folder(repository: Repository) -> None:
    repository.run("make", "hooks")
    repository.stage("one.py", UNTIDY)
    (repository.folder / "one.py").write_text(TIDY)
    assert repository.commit().returncode != 0

    repository.stage("one.py", TIDY)
    (repository.folder / "one.py").write_text(UNTIDY)
    assert repository.commit().returncode == 0


def test_a_commit_without_python_needs_no_check(repository: Repository) -> None:
    repository.run("make", "hooks")
    repository.stage("notes.txt", "x = 'one'\n")

    assert repository.commit().returncode == 0


def test_a_hook_of_others_stays(repository: Repository) -> None:
    repository.hook.parent.mkdir(exist_ok=True)
    repository.hook.write_text("#!/bin/sh\nexit 0\n")

    refused = repository.run("make", "hooks")

    assert refused.returncode != 0
    assert "nothing was changed" in refused.stderr
    assert repository.hook.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_folder_of_hooks_that_others_may_share_stays(repository: Repository) -> None:
    shared = repository.folder / "shared"
    repository.run("git", "config", "core.hooksPath", str(shared))

    assert "nothing was changed" in repository.run("make", "hooks").stderr
    assert not shared.exists()


def test_installing_it_twice_is_as_once(repository: Repository) -> None:
    repository.run("make", "hooks")
    once = repository.hook.read_text()

    assert repository.run("make", "hooks").returncode == 0
    assert repository.hook.read_text() == once
