"""Forecasts are made, kept, held against what came, and acted on."""
