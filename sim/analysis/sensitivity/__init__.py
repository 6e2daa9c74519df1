"""Which uncertain values an answer hangs on."""
