"""The line reader's input and classes, which data, network and release share."""

LINE_HEIGHT, LINE_WIDTH = 32, 256  # pixels of the input
COLUMN_WIDTH = 2  # pixels of the input per prediction
COLUMNS = LINE_WIDTH // COLUMN_WIDTH
# Classes, in the order of the outputs. `other` is ink that is no part of a number; `blank` is everywhere that
# is not the middle of a sign, as in connectionist temporal classification (CTC).
LINE_CLASSES = (*"0123456789", *".,-/:%$€£", "other", "blank")
OTHER, BLANK = LINE_CLASSES.index("other"), LINE_CLASSES.index("blank")
