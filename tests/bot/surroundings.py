"""Where a command is called: a folder of its own, and no setting from outside."""

from pathlib import Path

import pytest

from bot.settings import Settings


def surround(monkeypatch: pytest.MonkeyPatch, folder: Path, **variables: str) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
