"""`python -m latesync` is the same as `latesync`."""

from latesync.cli import main

if __name__ == "__main__":
    main()
