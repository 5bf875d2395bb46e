"""The command `voronka`.

voronka serve [--demo]      web, live stream, worker and schedule; database too, if DATABASE_URL is empty
voronka worker              background work alone (on further machines)
voronka doctor              is everything as it should be, and what to do if not
voronka backup FILE         database and files in one archive; voronka restore FILE puts them back
voronka demo|import|report|bench|migrate|shell|…    commands of the rooms and of Django
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence

from voronka.config.environment import Environment
from voronka.config.installation import data_folder, database
from voronka.config.texts import Fault

# These neither read nor write the database.
WITHOUT_DATABASE = {"help", "--help", "-h", "--version", "version", "check", "makemessages", "diffsettings"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. What goes wrong foreseeably is one sentence, not a traceback."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
    # SIGTERM unwinds like Ctrl-C, so that the embedded server is not left running.
    signal.signal(signal.SIGTERM, _leave)
    try:
        return _run(arguments)
    except Fault as fault:
        print(f"voronka: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _leave(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _run(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "help"
    own = _own_commands().get(command)
    if own:
        return own(Environment.read(), arguments[1:])
    if command in {"help", "--help", "-h"} and len(arguments) < 2:
        print(__doc__)
    from django.core.management import execute_from_command_line

    env = Environment.read()
    data_folder(env)
    if command in WITHOUT_DATABASE:
        execute_from_command_line(["voronka", *arguments])
        return 0
    with database(env):
        execute_from_command_line(["voronka", *arguments])
    return 0


def _own_commands() -> dict[str, Callable[[Environment, list[str]], int]]:
    from voronka.config import backup, doctor, serve

    return {
        "serve": serve.serve,
        "prepare": serve.prepare,
        "worker": serve.worker,
        "doctor": doctor.doctor,
        "backup": backup.backup,
        "restore": backup.restore,
    }


if __name__ == "__main__":
    sys.exit(main())
