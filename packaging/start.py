"""Where the frozen program begins."""

import sys

from gui.launch import main

if __name__ == "__main__":
    sys.exit(main())
