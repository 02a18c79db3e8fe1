"""Services act: one plain function per intention, one transaction each."""
