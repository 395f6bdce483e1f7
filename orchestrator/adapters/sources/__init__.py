"""Where imports read: folders, buckets, archives, data sets, lists, feeds, and the web behind a guard."""
