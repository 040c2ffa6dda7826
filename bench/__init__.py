"""How much a request costs: `make bench`; what it measures and what came out: bench/README.md."""
