"""The way of a decided mail to the relay and back: claimed, built, handed over, settled. All mail goes here."""
