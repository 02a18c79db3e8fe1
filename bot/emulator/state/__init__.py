"""The workspace as it is: people, channels, messages, views, files."""
