"""The endpoints of the board: lists and lines in `board`, and a module for each other area."""
