"""Layout, components, languages and assets of the pages; knows no room and takes the actor as an argument."""
