"""The static Space: a page that reads digits in the browser, without a server."""
