/**
 * What Gradio runs when it has put the desk on the page (`js_on_load` of desk.py): ties the desk, which knows no
 * Gradio, to the component. Gradio hands in `element` and `server`, whose functions give undefined when the
 * server is gone or has failed.
 */
const load = (name) => import(new URL(`ui/${name}`, document.baseURI)); // the base holds where the app is mounted

load("theme_color.js").then(({ followTheme }) => followTheme());
load("desk.js").then(({ openDesk }) => {
  openDesk(element.querySelector(".desk"), {
    take: (pad) => pad.takePicture(),
    read: ({ url }) => server.read_drawing(url),
    explain: ({ url }, index) => server.explain_digit([url, index]),
  });
});
