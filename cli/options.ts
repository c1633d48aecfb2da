/** How the texts of the command line's options are read. Each reader's error says what would fit. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../settings.ts';
import type { ChannelShares } from './demo/plan.ts';

/** A whole number from `least` to `most`; `200_000` and `200000` are the same. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const digits = text.replaceAll('_', '');
    const value = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** A share such as `3%` or `0.5%`, from 0 to `mostPercent`; the result is a fraction. */
export function percentage(mostPercent: number): (text: string) => number {
  return (text) => {
    const match = /^(\d{1,3}(?:\.\d{1,6})?)%?$/.exec(text);
    const percent = match ? Number(match[1]) : Number.NaN;
    if (percent <= mostPercent) return percent / 100;
    throw new InvalidArgumentError(`Expected a percentage from 0% to ${mostPercent}%.`);
  };
}

/** Events per second: `5000` or `5000/s`. */
export function eventRate(text: string): number {
  const match = /^(\d{1,9})(?:\/s)?$/.exec(text.replaceAll('_', ''));
  const rate = match ? Number(match[1]) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError('Expected events per second, such as 5000/s.');
}

/** Milliseconds of a duration such as `60s` or `5m`. */
export function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError('Expected a duration such as 30s, 5m or 1h.');
}

/** Scheme, host and port of an HTTP server. */
export function httpOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && !url.username) {
    return url.origin;
  }
  throw new InvalidArgumentError('Expected an address such as http://127.0.0.1:8080.');
}

/** One character between the cells of a row; `tab` and `\t` stand for a tab. */
export function delimiter(text: string): string {
  const character = text === 'tab' || text === '\\t' ? '\t' : text;
  if (character.length === 1 && !/["\r\n]/.test(character)) return character;
  throw new InvalidArgumentError('Expected one character, or tab.');
}

/** `name=value` pairs, separated by commas; further ones are added to those before. */
export function pairs(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = new Map(before);
  for (const pair of text.split(',')) addPair(all, pair);
  return all;
}

/** One `name=value`, whose value may hold anything; further ones are added to those before. */
export function pair(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = new Map(before);
  addPair(all, text);
  return all;
}

function addPair(all: Map<string, string>, text: string): void {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  const value = text.slice(at + 1).trim();
  if (name === '' || value === '') throw new InvalidArgumentError('Expected name=value.');
  all.set(name, value);
}

/** Shares of the events by channel, such as `pixel=1%,redirect=1%,single=1%`; the rest goes in batches. */
export function channelShares(text: string): ChannelShares {
  const shares = { single: 0, pixel: 0, redirect: 0 };
  for (const [name, share] of pairs(text, new Map())) {
    if (!Object.hasOwn(shares, name)) {
      throw new InvalidArgumentError('Expected shares of pixel, redirect and single, such as pixel=1%.');
    }
    shares[name as keyof ChannelShares] = percentage(100)(share);
  }
  if (shares.redirect > 0.1 || shares.pixel > 0.8 || shares.single + shares.pixel + shares.redirect > 1) {
    throw new InvalidArgumentError('Expected at most pixel=80%, redirect=10%, and at most 100% together.');
  }
  return shares;
}
