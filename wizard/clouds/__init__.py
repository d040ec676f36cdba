"""The clouds, thin and typed, over the vendors' own libraries."""
