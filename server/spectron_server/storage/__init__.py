"""The truth, in Postgres: tables, statements, migrations, and rows turned into domain values."""
