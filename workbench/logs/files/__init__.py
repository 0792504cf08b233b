"""Files and folders with rows in them: Parquet, JSON, wrapped lists, remote addresses."""
