"""Recognition of the digits in a picture: image, layout, readers, reading. It does not know the web."""

import cv2

# Other threads take longer to start than one digit takes, and would take processors from other requests and
# from the worker processes of a batch.
cv2.setNumThreads(1)
