"""What config/, templates/ and the environment say, as frozen values. Refuses bad data by file and key."""
