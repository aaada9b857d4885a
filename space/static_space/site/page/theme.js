/** Light or dark, as the system is; a classic script, so that the page is never seen in the wrong one first. */
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}
