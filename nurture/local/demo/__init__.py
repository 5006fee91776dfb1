"""The demo: a month of three leads in a minute, on real parts under a clock that is stepped."""
