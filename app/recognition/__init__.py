"""From a picture's bytes to a reading: picture, ink, regions, reader, reading. Knows no web."""

import cv2

# A digit is done before other threads have woken up; they only take processors from other requests, and
# from the workers of a batch.
cv2.setNumThreads(1)
