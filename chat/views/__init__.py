"""The doors of the chat: one module per kind of object, and `base` for what they share."""
