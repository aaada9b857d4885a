"""The server under overload, during a graceful shutdown, and with bad clients."""
