"""What a mail and an answer cost this machine, measured side by side in one run. Not part of the installed package."""
