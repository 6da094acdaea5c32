"""Tables in PostgreSQL: the connection, its dialect, and how a run's tables appear in it."""
