"""Django's own command line, for development; people use the command `voronka`."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voronka.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
