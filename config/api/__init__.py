"""The conventions of the whole API. Every app may import this package; it imports none of them."""
