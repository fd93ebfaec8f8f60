"""What stands beside training, under PyTorch's names."""
