/** Gradio runs this when it has rendered the footer (`js_on_load`): fill in the description of the model. */
server.load_model_description(null).then((description) => {
  if (description) props.value = description;
});
