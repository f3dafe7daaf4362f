"""Wire models, requests, retry, polling; sync and async faces on one sans-I/O core."""
