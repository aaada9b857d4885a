/**
 * Gives the browser's frame the colour of the page, in the light and in the dark, whoever chose it. Two <meta>
 * with media would do, but Gradio keeps only one of each name.
 */
export function followTheme() {
  const meta = document.querySelector("meta[name=theme-color]");
  const follow = () => {
    meta.content = getComputedStyle(document.body).getPropertyValue("--body-background-fill");
  };
  new MutationObserver(follow).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  follow();
}
