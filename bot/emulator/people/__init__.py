"""People: what they do in the workspace, and what they see of the app's answers."""
