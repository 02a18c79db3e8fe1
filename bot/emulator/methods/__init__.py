"""The methods of Slack's Web API, one module per family; table.py lists them all."""
