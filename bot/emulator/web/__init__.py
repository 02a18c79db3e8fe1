"""The Web API and the page, over HTTP."""
