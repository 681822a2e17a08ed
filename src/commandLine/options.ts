import { InvalidArgumentError } from 'commander';

/** Parses a whole number of at least `least` for commander; anything else is a usage error. */
export function wholeNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > Math.min(most, Number.MAX_SAFE_INTEGER)) throw new InvalidArgumentError(`It must be a whole number ${range(least, value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : most)}.`);
    return value;
  };
}

/** Parses a number from `least` to `most` for commander. */
export function numberWithin(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`It must be a number ${range(least, most)}.`);
    return value;
  };
}

function range(least: number, most: number): string {
  return most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
}
