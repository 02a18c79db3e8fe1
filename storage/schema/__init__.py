"""The tables, a page for each part of the product."""
