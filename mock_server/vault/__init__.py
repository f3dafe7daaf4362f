"""What a tenant leaves here for its runs: credentials, one-time codes, files."""
