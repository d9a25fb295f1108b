// Sizes and durations as PostgreSQL reads and people write them.

const sizeUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;
const sizePattern = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|TB)?$/;
const timePattern = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)$/;
const sizeFactors = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;
/** `m` is read as `min`, which is PostgreSQL's word and the one that steep writes: the first of those that are equal. */
const timeFactors = {
  ms: 1,
  s: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
} as const;

/** `10GB` → bytes (powers of 1024, as PostgreSQL); null: not a size. */
export const parseSize = (text: string): number | null => {
  const match = sizePattern.exec(text);
  if (match === null) return null;
  const unit = (match[2] ?? 'B') as keyof typeof sizeFactors;
  return Math.round(Number(match[1]) * sizeFactors[unit]);
};

/** `30s`, `5min`, `2h` → milliseconds; null: not a time. */
export const parseTime = (text: string): number | null => {
  const match = timePattern.exec(text);
  if (match === null) return null;
  return Math.round(Number(match[1]) * timeFactors[match[2] as keyof typeof timeFactors]);
};

/** As parseTime reads it, in the largest unit that it is a whole number of: `90s`, `5min`. */
export const timeText = (ms: number): string => {
  const whole = Object.entries(timeFactors).filter(([, factor]) => ms % factor === 0);
  const [unit, factor] = whole.toSorted(([, one], [, other]) => other - one)[0] ?? ['ms', 1];
  return `${ms / factor}${unit}`;
};

/** Bytes for people: `41.2 GB`; null: `unknown`. */
export const formatSize = (bytes: number | null): string => {
  if (bytes === null) return 'unknown';
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${sizeUnits[unit] ?? 'bytes'}`;
};

/** `12.8/41.2 GB`: both in the unit of the whole, in bytes. */
export const formatPart = (done: number, total: number): string => {
  const whole = formatSize(total);
  const unit = parseSize(`1${whole.split(' ')[1] ?? ''}`);
  return unit === null ? `${done}/${whole}` : `${(done / unit).toFixed(1)}/${whole}`;
};

/** `84 MB/s`; a decimal only where it matters. */
export const formatRate = (bytesPerSecond: number): string => {
  const size = formatSize(Math.round(bytesPerSecond));
  return `${/^\d\./.test(size) ? size : size.replace(/\.\d/, '')}/s`;
};

/** Rows for people: `18.4 M`, `950`; null: `unknown`. */
export const formatCount = (count: number | null): string => {
  if (count === null) return 'unknown';
  if (count >= 1_000_000) return `${(count / 1_000_000).toFixed(1)} M`;
  return count >= 10_000 ? `${(count / 1000).toFixed(1)} k` : String(count);
};

/** Milliseconds for people: `1.3 s`, `5m40s`, `2h05m`. */
export const formatDuration = (ms: number): string => {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return minutes < 60
    ? `${minutes}m${pad(seconds % 60)}s`
    : `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
};

const spanUnits = [
  { unit: 's', seconds: 1, below: 90 },
  { unit: 'min', seconds: 60, below: 90 * 60 },
  { unit: 'h', seconds: 3600, below: 72 * 3600 },
  { unit: 'd', seconds: 86_400, below: Number.POSITIVE_INFINITY },
] as const;

/** An estimate of seconds for people, rounded away from its middle: `about 8-14 min`. */
export const formatSpan = (
  span: { readonly low: number; readonly high: number } | null,
): string => {
  if (span === null) return 'time unknown';
  if (span.high <= 1) return 'less than 1 s';
  const { unit, seconds } = spanUnits.find(({ below }) => span.high < below) ?? spanUnits[3];
  const [low, high] = [Math.floor(span.low / seconds), Math.ceil(span.high / seconds)];
  return low === 0 ? `at most ${high} ${unit}` : `about ${low}-${high} ${unit}`;
};
