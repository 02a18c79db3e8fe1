"""How an older database becomes this one: one module for each step."""
