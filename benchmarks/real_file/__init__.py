"""A file of closed complaints, imported and counted: by the product, and by hand."""
