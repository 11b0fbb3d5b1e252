"""Training on several machines: MPI, and models that agree now and then."""
