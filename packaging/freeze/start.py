"""The frozen programs' first file: a script of its own, so that the package is imported as a package."""

import sys

from qbx_desktop.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
