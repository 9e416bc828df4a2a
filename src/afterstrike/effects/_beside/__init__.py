"""All designs beside each other on one study."""
