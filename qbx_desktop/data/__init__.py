"""Everything that touches sqlite3 or files."""
