/**
 * Adapts the digit reader to one hand, as app/recognition/adaptation.py does.
 *
 * @typedef {import("./workspace.js").Digit} Digit
 * @typedef {{ digit: number, embedding: ArrayLike<number>, probabilities: number[] }} Example
 */
import constants from "./constants.js";

const { different: DIFFERENT, alike: ALIKE, penalty: PENALTY, sweeps: SWEEPS, least_probability: LEAST } = constants.adaptation;

/** Return how much alike ink is, 0 to 1. @param {ArrayLike<number>} one embedding @param {ArrayLike<number>} other */
export function measureLikeness(one, other) {
  return likenessOf(multiply(normalise(one), normalise(other)));
}

/** Return a function that corrects a digit by examples, one at least. @param {Example[]} examples @returns {(digit: Digit) => Digit} */
export function adaptTo(examples) {
  const directions = examples.map(({ embedding }) => normalise(embedding));
  const measure = (embedding) => {
    const direction = normalise(embedding);
    return directions.map((each) => likenessOf(multiply(each, direction)));
  };
  const kernel = examples.map(({ embedding }) => measure(embedding));
  const weights = examples.map(() => Array(examples[0].probabilities.length).fill(0));
  const correct = ({ probabilities }, likeness) =>
    softmax(probabilities.map((share, digit) => Math.log(share + LEAST) + multiply(likeness, weights.map((each) => each[digit]))));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    examples.forEach((example, at) => {
      const read = correct(example, kernel[at]);
      weights[at] = weights[at].map((weight, digit) => {
        const missing = (digit === example.digit) - read[digit];
        return weight + (missing - PENALTY * weight) / (0.5 + PENALTY);
      });
    });
  }
  return (digit) => {
    const likeness = measure(digit.embedding);
    if (!likeness.some(Boolean)) return digit;
    const probabilities = correct(digit, likeness);
    const best = probabilities.indexOf(Math.max(...probabilities));
    const alike = Math.max(0, ...likeness.filter((_, at) => examples[at].digit === best));
    return {
      ...digit,
      digit: best,
      confidence: probabilities[best],
      digit_score: Math.max(digit.digit_score, alike),
      accepted: digit.accepted || alike >= ALIKE,
      probabilities,
    };
  };
}

/** Return the kernel of the cosine between two embeddings. */
const likenessOf = (cosine) => Math.max(0, (cosine - DIFFERENT) / (1 - DIFFERENT));

function normalise(embedding) {
  const length = Math.sqrt(multiply(embedding, embedding)) || 1;
  return Float32Array.from(embedding, (value) => value / length);
}

/** Return the scalar product of two vectors. */
function multiply(one, other) {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += one[index] * other[index];
  return sum;
}

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
