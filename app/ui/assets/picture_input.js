/** The ways by which a picture comes to the pad: chosen or photographed, dropped, or pasted. */

/**
 * @param {HTMLElement} root holds the button and its input of files, where there are any
 * @param {(file: File) => void} take
 */
export function listenForPictures(root, take) {
  const input = root.querySelector("input[type=file]");
  if (input) listenForChoices(input, root.querySelector("[data-action=photo]"), take);
  document.addEventListener("paste", (event) => {
    const [file] = event.clipboardData.files;
    if (!file) return;
    event.preventDefault();
    take(file);
  });
  listenForDrops(root, take);
}

/** @param {HTMLInputElement} input @param {HTMLButtonElement} button */
function listenForChoices(input, button, take) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // so that the same file can be chosen again
    if (file) take(file);
  });
}

/** Anywhere on the page: a picture that misses the pad would otherwise be opened in the page's place. */
function listenForDrops(root, take) {
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    root.toggleAttribute("data-dropping", true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) root.toggleAttribute("data-dropping", false); // it left the window
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    root.toggleAttribute("data-dropping", false);
    const [file] = event.dataTransfer.files; // none where another program only promises some
    if (file) take(file);
  });
}
