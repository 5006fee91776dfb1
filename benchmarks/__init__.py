"""What a mail costs this machine, measured side by side in one run. Not part of the installed package."""
