"""Attack rates by exposure to borders between control zones: a panel contrast, never a map."""
