"""What the rows need around them: a cluster, Modelgate in it, releases, and what the audit log says."""
