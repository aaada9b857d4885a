/** The signs of the digits that the model reads: 0 to 9, unless a reading names others. */
let labels = [..."0123456789"];

/** Take the signs of a reading. @param {string | undefined} signs one for each digit @returns {boolean} whether they are new */
export function useLabels(signs) {
  if (!signs || signs === labels.join("")) return false;
  labels = [...signs];
  return true;
}

/** Return the signs of all digits. @returns {string[]} */
export const allLabels = () => labels;

/** Return the sign of a digit. @param {number} digit */
export const labelOf = (digit) => labels[digit];

/** Return the digit that a key of the keyboard stands for, or undefined. @param {string} key */
export function digitOf(key) {
  const digit = labels.includes(key) ? labels.indexOf(key) : /^[0-9]$/.test(key) ? Number(key) : -1;
  return digit in labels ? digit : undefined;
}
