"""The pages Activity and Taxonomy, and forgetting."""
