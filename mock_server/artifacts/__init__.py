"""Files a run leaves behind: their kinds, how they are written, how they are linked."""
