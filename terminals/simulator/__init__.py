"""A fleet of terminals in one program: a day of a city, played on a service in a few seconds or minutes."""
