"""Forms for the browser: made as its engine's own transformer makes them, harmless, and honest."""
