"""Services act: one plain function per intention (an operation), one transaction each."""
