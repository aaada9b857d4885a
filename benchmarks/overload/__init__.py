"""What the server does when more is asked of it than it can do, when it is stopped, and with bad clients."""
