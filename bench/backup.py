"""What a backup costs: `python -m bench.backup [--chats N] [--database URL] [--into URL]`.

Fills an empty database with so many answered chats, ten in a conversation, and runs `backup`,
`verify_backup` and `restore`. Prints for each the seconds, and the most memory that its process
held. The URLs are those of empty databases (default: SQLite in a temporary directory).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.servers import HERE

MEGABYTE = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backup", description=__doc__)
    parser.add_argument("--chats", type=int, default=1_000_000)
    parser.add_argument("--database", default="", metavar="URL")
    parser.add_argument("--into", default="", metavar="URL")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="daesa-backup-") as name:
        first, second = Path(name, "first"), Path(name, "second")
        archive = str(Path(name, "daesa.zip"))
        manage(first, given.database, "migrate", "-v0")
        fill = f"from bench.many_chats import fill; fill({given.chats})"
        manage(first, given.database, "shell", "-v0", "-c", fill)
        manage(first, given.database, "backup", archive)
        manage(first, given.database, "verify_backup", archive)
        manage(second, given.into, "restore", archive)
        print(f"the archive has {Path(archive).stat().st_size / MEGABYTE:.0f} MB")


def manage(data: Path, database: str, *command: str) -> None:
    """Runs a management command on a database, and prints its time and peak memory."""
    data.mkdir(exist_ok=True)
    env = {**os.environ, "DEBUG": "true", "DAESA_DOTENV": "", "DATA_DIR": str(data)}
    env |= {"DATABASE_URL": database, "SECRET_KEY": "of the measured database " * 3}
    begun = time.monotonic()
    child = subprocess.Popen([sys.executable, "manage.py", *command], cwd=HERE, env=env)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command[0]} has failed")
    seconds, megabytes = time.monotonic() - begun, used.ru_maxrss * 1024 / MEGABYTE
    print(f"{command[0]:15} {seconds:8.1f} s {megabytes:6.0f} MB", flush=True)


if __name__ == "__main__":
    main()
