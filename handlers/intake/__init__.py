"""Filing tickets."""
