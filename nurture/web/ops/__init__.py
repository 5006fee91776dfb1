"""What machines ask of the web process: whether it lives and can serve. No address of anybody."""
