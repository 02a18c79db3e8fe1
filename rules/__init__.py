"""Rules decide: values in, decisions out."""
