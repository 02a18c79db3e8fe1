"""Charts in answers: which there are, how they are drawn, how they get to Slack."""
