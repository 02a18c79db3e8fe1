"""What a request must say, and what was typed after `/ticket`."""
