/**
 * What Gradio runs when it has put the pad on the page (`js_on_load` of digit_pad.py): ties the pad, which knows
 * no Gradio, to the component. Gradio hands in `element`, `props` and `server`.
 *
 * The component's value is the markup of the reading: `props.value` is at first that of an empty pad.
 */
const blank = props.value;

async function load(name) {
  return import(new URL(`ui/${name}`, document.baseURI)); // the base holds where the app is mounted
}

Promise.all([load("digit_pad.js"), load("live_reading.js")]).then(([{ DigitPad }, { LiveReading }]) => {
  const pad = new DigitPad(element.querySelector(".digit-pad"));
  const reading = new LiveReading(
    (picture) => server.read_drawing(picture), // undefined when the server is gone or has failed
    (markup) => (props.value = markup ?? props.unavailable),
  );
  pad.addEventListener("drawing", () => {
    if (!pad.isEmpty) return reading.request(() => pad.toDataURL());
    reading.cancel();
    props.value = blank;
  });
});
