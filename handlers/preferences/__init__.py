"""People choose how alerts reach them."""
