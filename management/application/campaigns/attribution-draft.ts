/** To whom a campaign's conversions are credited, as clients write it. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { ATTRIBUTION_MODELS, type AttributionRule, USUAL_ATTRIBUTION } from '../../../model/attribution.ts';
import { word } from '../draft-parts.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';

const seconds = (minimum: number, mostMs: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum: mostMs / 1_000, description }));

export const AttributionDraft = Type.Object(
  {
    model: Type.Optional(
      word(ATTRIBUTION_MODELS, 'How the clicks before a conversion share it; LAST_CLICK unless said.'),
    ),
    half_life_seconds: seconds(
      1,
      limits.attributionHalfLifeMs,
      'TIME_DECAY: a click is worth half of one that is this much later; 7 days unless said.',
    ),
    view_window_seconds: seconds(
      0,
      limits.viewWindowMs,
      'How long after an impression a conversion without clicks is credited to it; a day unless said, 0: never.',
    ),
    minimum_seconds_to_convert: seconds(
      0,
      limits.clickWindowMs,
      'A conversion that comes sooner after all of its clicks is rejected; 0 unless said.',
    ),
  },
  {
    description:
      'To whom conversions are credited; how long after its click a conversion counts says click_window_seconds. It ' +
      'may change while the campaign runs: a conversion is judged by what was in force when it happened.',
  },
);
export type AttributionDraft = Static<typeof AttributionDraft>;

/** @param clickWindowMs of the campaign */
export function attributionRule(
  draft: AttributionDraft = {},
  clickWindowMs: number,
  violations: Violations,
): AttributionRule {
  const { model = USUAL_ATTRIBUTION.model, minimum_seconds_to_convert: minimum } = draft;
  const minimumMs = msOf(minimum, USUAL_ATTRIBUTION.minimumMs);
  if (minimumMs >= clickWindowMs && minimumMs > 0)
    violations.add('attribution.minimum_seconds_to_convert', 'must be below click_window_seconds');
  return {
    model: wordOf(ATTRIBUTION_MODELS, model, 'attribution.model', violations) ?? USUAL_ATTRIBUTION.model,
    halfLifeMs: msOf(draft.half_life_seconds, USUAL_ATTRIBUTION.halfLifeMs),
    viewWindowMs: msOf(draft.view_window_seconds, USUAL_ATTRIBUTION.viewWindowMs),
    minimumMs,
  };
}

/** A rule as a draft and as REST show it. */
export function attributionJson({ model, halfLifeMs, viewWindowMs, minimumMs }: AttributionRule) {
  return {
    model,
    half_life_seconds: halfLifeMs / 1_000,
    view_window_seconds: viewWindowMs / 1_000,
    minimum_seconds_to_convert: minimumMs / 1_000,
  };
}

function msOf(seconds: number | undefined, usualMs: number): number {
  return seconds === undefined ? usualMs : seconds * 1_000;
}
