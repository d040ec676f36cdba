"""Dev container text from dev container facts. Pure: no file is read or written here."""
