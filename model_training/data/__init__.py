"""Pictures for training: MNIST, drawn digits, non-digits, and variations of them."""
