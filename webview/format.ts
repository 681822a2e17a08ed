import { powerOfTen } from './plots/scales';

/** Three significant digits as a person writes them: `0.0183`, `9.3·10⁻³` below a hundredth, `—` for nothing. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (magnitude < 0.01 || magnitude >= 1e5) {
    const [mantissa, exponent] = magnitude.toExponential(1).split('e');
    return `${sign}${mantissa}·${powerOfTen(Number(exponent))}`;
  }
  return sign + (magnitude >= 1000 ? Math.round(magnitude).toString() : magnitude.toPrecision(3));
}

/** A fixed number of decimals with a true minus sign; `—` for nothing. */
export function formatFixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return formatNumber(value);
  return value.toFixed(decimals).replace('-', '−');
}

/** A share in percent with one decimal: `48.4 %`. */
export function formatPercent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '—';
  return `${(share * 100).toFixed(1)} %`;
}

/** A count with thousands separated: `4,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
