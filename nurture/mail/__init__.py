"""What one mail says, to whom, and with which headers: made of a MailKit alone. Reads no table and sends nothing."""
