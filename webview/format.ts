import { powerOfTen } from './plots/scales';

/** Three significant digits as a person writes them: `0.0183`, `9.3·10⁻³` below a hundredth, `—` for nothing. */
export function formatNumber(value: number | null | undefined): string {
  return written(value, (magnitude) => (magnitude >= 1000 ? Math.round(magnitude).toString() : magnitude.toPrecision(3)), (magnitude) => magnitude.toExponential(1));
}

/** Six significant digits, where somebody asks for the number itself: `0.0183047`, `9.30121·10⁻⁹`. */
export function formatExact(value: number | null | undefined): string {
  const rounded = (magnitude: number): number => Number(magnitude.toPrecision(6));
  return written(value, (magnitude) => String(rounded(magnitude)), (magnitude) => rounded(magnitude).toExponential());
}

/** With a true minus sign, and powers of ten for what is below a hundredth or large. */
function written(value: number | null | undefined, plain: (magnitude: number) => string, scientific: (magnitude: number) => string): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (magnitude >= 0.01 && magnitude < 1e5) return sign + plain(magnitude);
  const [digits, exponent] = scientific(magnitude).split('e');
  return `${sign}${digits}·${powerOfTen(Number(exponent))}`;
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
