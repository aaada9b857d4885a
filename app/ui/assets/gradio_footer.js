/** Gradio runs this when it has rendered the footer (`js_on_load`): fill in the description of the model. */
server.load_model_description(null).then(async (description) => {
  if (!description) return;
  for (const place of element.querySelectorAll("[data-value]")) place.innerHTML = description[place.dataset.value];
  const { translate } = await import(new URL("ui/texts.js", document.baseURI));
  translate(element);
});
