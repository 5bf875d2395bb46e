"""Files on cards: the list, the upload, the preview, the download."""
