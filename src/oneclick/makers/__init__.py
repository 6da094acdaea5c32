"""What ``make`` runs: static pages, the graph in a browser, the data dictionary."""
