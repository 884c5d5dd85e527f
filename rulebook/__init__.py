"""What the law and the insurer's own rules say: pure Python, with packs and calendars as data files."""
