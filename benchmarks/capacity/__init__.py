"""What many machines would serve and cost, computed from what one was measured to cost."""
