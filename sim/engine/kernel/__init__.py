"""Clock, processes, shared tokens, calendars and departure rules; nothing here knows cargo."""
