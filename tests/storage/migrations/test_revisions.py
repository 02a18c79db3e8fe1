"""The migrations are one chain: a number that stands twice would be left out without a word."""

from storage.migrations.migrate import MIGRATIONS_FOLDER


def test_each_migration_follows_the_one_before() -> None:
    numbers = sorted(path.name[:4] for path in (MIGRATIONS_FOLDER / "versions").glob("0*.py"))

    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
