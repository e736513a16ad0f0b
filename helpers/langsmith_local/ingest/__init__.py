"""Taking in: routes, bodies, rules, and the one thread that writes."""
