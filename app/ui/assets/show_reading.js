(markup) => markup
