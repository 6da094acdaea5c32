"""Exported files of any usual shape: read rightly, or refused by name with what to do."""
