"""One page for each thing that a face is asked for."""
