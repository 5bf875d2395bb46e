"""The command `voronka` from the working tree, for development."""

import sys

from voronka.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
