"""
What is done at fixed times to supervise complaints: bulletins, samples, publications; each is put down once.

    book        what rests of it: runs, samples, callbacks, findings
    matters     the questions to the record, a few statements each, whatever the number of cases
    bulletin    which departments are late (R178–R180)
    sample      what is called back and what is checked (R153, R159–R163, R191)
    publication the report of figures on a month or a year (R181–R183)
    page        one document, as text and as a page
    steps       the activities
"""
