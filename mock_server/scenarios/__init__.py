"""What a tester makes the server do: tenants, their time, scripted runs, faults and the journal of it all."""
