"""The mirror of the packages, whole journeys, and the promises of the house."""
