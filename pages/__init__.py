"""Pages for people's browsers: templates, and what fills them in."""
