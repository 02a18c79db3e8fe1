"""Escalations: asked, reviewed, decided, redirected, and what rejections teach."""
