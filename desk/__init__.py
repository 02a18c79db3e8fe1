"""The desk acts: one plain function per intention, one transaction each."""
