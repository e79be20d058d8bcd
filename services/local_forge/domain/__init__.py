"""The forge's own rules, used alike by the REST routes and by the web pages."""
