"""Brings the shop's database to the state that this version needs: a task before each rollout.

The sample's database is a file, so that it runs anywhere; DB_PASSWORD, which a real one would
want, has to be there and is never printed.
"""

import os
import sqlite3
import sys
from pathlib import Path

STEPS = {
    "001 orders": "CREATE TABLE orders (number INTEGER PRIMARY KEY, title TEXT, count INTEGER)",
    "002 price": "ALTER TABLE orders ADD COLUMN price INTEGER DEFAULT 0",
}


def migrate(database: sqlite3.Connection) -> list[str]:
    """Does the steps that have not been done; gives their names."""
    database.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
    done = {name for (name,) in database.execute("SELECT name FROM migrations")}
    wanted = [name for name in STEPS if name not in done]
    for name in wanted:
        with database:
            database.execute(STEPS[name])
            database.execute("INSERT INTO migrations VALUES (?)", (name,))
    return wanted


def main() -> int:
    """The exit code of the task."""
    if not os.environ.get("DB_PASSWORD"):
        print("migrate: DB_PASSWORD is not set; give it to the service as a secret", flush=True)
        return 1
    path = Path(os.environ.get("DATABASE", "/tmp/shop.db"))  # noqa: S108
    try:
        done = migrate(sqlite3.connect(path))
    except sqlite3.Error as error:
        print(f"migrate: {path}: {error}; nothing of the step at hand is kept", flush=True)
        return 1
    print(f"migrate: done {', '.join(done) if done else 'already'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
