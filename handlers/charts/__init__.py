"""Charts in answers: their values, how they are drawn, how they are uploaded to Slack."""
