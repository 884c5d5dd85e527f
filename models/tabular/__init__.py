"""Tables in the files of other systems, CSV and workbooks: read by one set of rules, written by one writer."""
