/**
 * Finds connected components of ink, as app/recognition/layout/components.py does.
 *
 * @typedef {import("./drawing.js").Ink} Ink
 * @typedef {import("./drawing.js").Box} Box
 * @typedef {{ label: number, area: number, strongest: number, box: Box }} Component
 */
import constants from "../ui/constants.js";

const { solid: SOLID, speck_share: SPECK_SHARE } = constants.components;

/** Label the components of ink at or above a level. @returns {{ labels: Int32Array, components: Component[] }} */
export function label({ values, width, height }, level) {
  const labels = new Int32Array(values.length);
  const components = values.reduce((found, value, start) => {
    if (value >= level && labels[start] === 0) found.push(flood(start, found.length + 1));
    return found;
  }, []);
  return { labels, components };

  function flood(start, label) {
    const pixels = [start];
    labels[start] = label;
    let [left, top, right, bottom, strongest] = [width, height, 0, 0, 0];
    for (let done = 0; done < pixels.length; done += 1) {
      const [x, y] = [pixels[done] % width, Math.floor(pixels[done] / width)];
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
      strongest = Math.max(strongest, values[pixels[done]]);
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          const next = row * width + column;
          if (values[next] < level || labels[next] !== 0) continue;
          labels[next] = label;
          pixels.push(next);
        }
      }
    }
    return { label, area: pixels.length, strongest, box: [left, top, right - left + 1, bottom - top + 1] };
  }
}

/** Find components without specks and shadows, the largest first. @param {Ink} ink */
export function findComponents(ink, level) {
  const { labels, components } = label(ink, level);
  components.sort((first, second) => second.area - first.area);
  const isDrawn = ({ area, strongest }) => area >= SPECK_SHARE * components[0].area && strongest >= SOLID;
  return { labels, components: components.filter(isDrawn) };
}

/** Return the smallest box around boxes. @param {Box[]} boxes at least one @returns {Box} */
export function around(boxes) {
  const [left, top] = [0, 1].map((side) => Math.min(...boxes.map((box) => box[side])));
  const [right, bottom] = [0, 1].map((side) => Math.max(...boxes.map((box) => box[side] + box[side + 2])));
  return [left, top, right - left, bottom - top];
}
