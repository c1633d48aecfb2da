/**
 * To whom a conversion is credited: pure, from the campaign's rule and what is remembered of the visitor. The
 * rules and formulas, with examples, stand in docs/attribution.md.
 */
import { limits } from '../../../limits.ts';
import type { Attribution, AttributionRule, Credit, Touch } from '../../../model/attribution.ts';
import type { Click } from '../../../model/click-id.ts';
import { WHOLE_PPM } from '../../../model/terms.ts';
import { sharesOf } from './attribution-shares.ts';
import type { RememberedTouch } from './touch-memory.ts';
import type { VisitorTouches } from './touches.ts';

const MOST_TOUCHES = limits.firstTouchesPerVisitor + limits.lastTouchesPerVisitor;

/** What a conversion says of itself. Texts are empty where it says nothing. */
export interface ConversionFacts {
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly partnerId: string;
  readonly contentId: string;
  /** The click that it carries the id of, which is within the window. */
  readonly ownClick: Click | undefined;
}

/** Said instead of an attribution where all clicks are nearer to the conversion than the campaign's minimum. */
export const TOO_EARLY = 'too early';

/**
 * Credits a conversion.
 *
 * @param clickWindowMs how long after its click a conversion counts, in milliseconds
 */
export function attribute(
  rule: AttributionRule,
  clickWindowMs: number,
  conversion: ConversionFacts,
  remembered: VisitorTouches,
): Attribution | typeof TOO_EARLY {
  const { model } = rule;
  const clicks = clicksBefore(conversion, remembered.clicks, clickWindowMs);
  const { occurredAt, ownClick } = conversion;
  const inTime = clicks.filter(({ touchedAt }) => Math.max(0, occurredAt - touchedAt) >= rule.minimumMs);
  if (inTime.length > 0) {
    const shared = boundedTo(inTime, ownClick);
    const ages = shared.map(({ touchedAt }) => Math.max(0, occurredAt - touchedAt));
    const shares = sharesOf(model, ages, rule.halfLifeMs);
    const credits: Credit[] = shared.map((touch, index) => ({
      touch: withPartner(touch, conversion),
      sharePpm: shares[index] as number,
    }));
    return { model, credits: credits.filter(({ sharePpm }) => sharePpm > 0) };
  }
  if (clicks.length > 0) return TOO_EARLY;
  const touch = lastView(conversion, remembered.views, rule.viewWindowMs) ?? direct(conversion);
  return { model, credits: [{ touch: withPartner(touch, conversion), sharePpm: WHOLE_PPM }] };
}

/** What is credited to a touch of nobody falls to the partner that the conversion names, if it names one. */
function withPartner(touch: Touch, { partnerId }: ConversionFacts): Touch {
  return touch.partnerId === '' && partnerId !== '' ? { ...touch, partnerId } : touch;
}

/** The clicks that may have led to the conversion, each once, the earliest first. */
function clicksBefore(
  { occurredAt, ownClick, contentId }: ConversionFacts,
  remembered: readonly RememberedTouch[],
  clickWindowMs: number,
): Touch[] {
  if (!ownClick && remembered.length === 0) return [];
  const found = new Map<string, Touch>();
  for (const click of remembered) {
    const { touchedAt, nonce } = click;
    if (touchedAt > occurredAt || occurredAt - touchedAt > clickWindowMs) continue;
    found.set(`${nonce[0]}.${nonce[1]}`, { kind: 'click', ...click });
  }
  if (ownClick) {
    const { partnerId, clickedAt, nonce } = ownClick;
    const key = `${nonce[0]}.${nonce[1]}`;
    // A click id does not name the content: if the click is not remembered, the conversion may.
    const content = found.get(key)?.contentId ?? contentId;
    found.set(key, { kind: 'click', partnerId, contentId: content, touchedAt: clickedAt, nonce });
  }
  return [...found.values()].sort(byTime);
}

/** At most as many as may share a conversion: the first and the last, and the conversion's own in any case. */
function boundedTo(clicks: readonly Touch[], ownClick: Click | undefined): readonly Touch[] {
  if (clicks.length <= MOST_TOUCHES) return clicks;
  const first = limits.firstTouchesPerVisitor;
  const kept = [...clicks.slice(0, first), ...clicks.slice(clicks.length - limits.lastTouchesPerVisitor)];
  const own = ownClick && clicks.find(({ nonce }) => isSame(nonce, ownClick.nonce));
  // It lies between the first and the last: it takes the place of the oldest of the last.
  return own && !kept.includes(own) ? kept.with(first, own) : kept;
}

/** The visitor's last view, if it is within the window. */
function lastView(
  { occurredAt }: ConversionFacts,
  remembered: readonly RememberedTouch[],
  viewWindowMs: number,
): Touch | undefined {
  if (viewWindowMs === 0 || remembered.length === 0) return undefined;
  const views = remembered
    .filter(({ touchedAt }) => touchedAt <= occurredAt && occurredAt - touchedAt <= viewWindowMs)
    .map((view): Touch => ({ kind: 'view', ...view }));
  return views.sort(byTime).at(-1);
}

/** Without a touch the partner that the conversion names has it, or nobody. */
function direct({ occurredAt, partnerId, contentId }: ConversionFacts): Touch {
  return { kind: 'direct', partnerId, contentId, touchedAt: occurredAt, nonce: [0, 0] };
}

/** The earlier one first; at the same moment an order that does not depend on which arrived first. */
function byTime(a: Touch, b: Touch): number {
  return (
    a.touchedAt - b.touchedAt ||
    a.nonce[0] - b.nonce[0] ||
    a.nonce[1] - b.nonce[1] ||
    compare(a.partnerId, b.partnerId) ||
    compare(a.contentId, b.contentId)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isSame(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
