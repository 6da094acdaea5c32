"""The chapters of the report, each written from the tables and charts of one pipeline."""
