"""People, teams and memberships as messages and forms."""
