/**
 * The `js_on_load` of the Gradio component (app/ui/workspace.py): connects the workspace to Gradio. Gradio provides
 * `element` and `server`, whose functions resolve to undefined when the server fails or cannot be reached.
 */
Promise.all(
  ["workspace", "eraser", "giving"].map((name) => import(new URL(`ui/${name}.js`, document.baseURI))),
).then(([{ openWorkspace }, { encodeInk }, { Giving }]) => {
  const root = element.querySelector(".workspace");
  if (server.give_correction) {
    const { give_correction: give, take_back_corrections: takeBack } = server;
    const giving = new Giving(root.querySelector(".giving"), { give, takeBack });
    root.addEventListener("correct", ({ detail }) => giving.correct(detail));
  }
  openWorkspace(root, {
    read: ({ url }, { embed }) => server.read_drawing(embed ? [url, embed] : url),
    readDigit: async (ink, { embed = false } = {}) => (await server.read_digit([encodeInk(ink), embed]))?.digits[0],
    explain: ({ url }, { index }) => server.explain_digit([url, index]),
  });
});

// Without it, a browser has its own page for a visit without a network.
navigator.serviceWorker
  ?.register(new URL("service_worker.js", document.baseURI), { type: "module" })
  .catch(({ message }) => console.info(message));

// Two <meta> elements with a media query each would not do: Gradio keeps only one of each name.
const themeColor = document.querySelector("meta[name=theme-color]");
const followTheme = () => {
  themeColor.content = getComputedStyle(document.body).getPropertyValue("--body-background-fill");
};
new MutationObserver(followTheme).observe(document.body, { attributes: true, attributeFilter: ["class"] });
followTheme();
