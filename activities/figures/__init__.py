"""Figures and reports: what is counted, the questions to the record, and the forms in which a report is written."""
