/** To whom a conversion is credited: the rules of a campaign, and what comes of them. */

/** How the touches before a conversion share it; see docs/attribution.md. */
export const ATTRIBUTION_MODELS = [
  'LAST_CLICK',
  'FIRST_CLICK',
  'LINEAR',
  'TIME_DECAY',
  'POSITION_BASED',
] as const;
export type AttributionModel = (typeof ATTRIBUTION_MODELS)[number];

/** Besides the click window, which a campaign has in any case. Times in milliseconds. */
export interface AttributionRule {
  readonly model: AttributionModel;
  /** By time decay a touch is worth half of one that is this much later. */
  readonly halfLifeMs: number;
  /** How long after a view a conversion without clicks is credited to it; 0: never. */
  readonly viewWindowMs: number;
  /** A click that is followed by the conversion sooner than this has not led to it. */
  readonly minimumMs: number;
}

const DAY = 86_400_000;

/** What holds unless a campaign says otherwise. */
export const USUAL_ATTRIBUTION: AttributionRule = Object.freeze({
  model: 'LAST_CLICK',
  halfLifeMs: 7 * DAY,
  viewWindowMs: DAY,
  minimumMs: 0,
});

/** The rule of a campaign that may say nothing of it. */
export function attributionOf({
  attribution = USUAL_ATTRIBUTION,
}: {
  readonly attribution?: AttributionRule;
}): AttributionRule {
  return attribution;
}

/** What a touch was; `direct`: there was none, and the partner that the conversion names has it all. */
export const TOUCH_KINDS = ['click', 'view', 'direct'] as const;
export type TouchKind = (typeof TOUCH_KINDS)[number];

/** A visitor's contact with a campaign before a conversion. */
export interface Touch {
  readonly kind: TouchKind;
  /** Empty, as the content: nobody, nothing that is known. */
  readonly partnerId: string;
  readonly contentId: string;
  /** Milliseconds since the epoch; of `direct` the conversion's own time. */
  readonly touchedAt: number;
  /** The two words of the click's nonce; zeros unless it is a click. */
  readonly nonce: readonly [number, number];
}

/** A touch and its share of the conversion. */
export interface Credit {
  readonly touch: Touch;
  /** Millionths; those of a conversion sum to a million. */
  readonly sharePpm: number;
}

/** To whom a conversion was credited, the earliest touch first. */
export interface Attribution {
  readonly model: AttributionModel;
  readonly credits: readonly Credit[];
}
