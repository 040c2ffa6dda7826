"""The doors of the board: lists and lines in `board`, and a module for each thing beside them."""
