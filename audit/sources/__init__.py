"""One module per vendor or kind of file; each returns canonical tables and judges nothing."""
