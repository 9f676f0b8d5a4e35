"""A package only so that it is installed; Alembic reads the files."""
