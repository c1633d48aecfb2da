/** What integration events look like: CloudEvents 1.0 in structured JSON. */
import { type Static, type TSchema, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { checker } from '../check.ts';
import type { MoneyDraft } from '../draft-parts.ts';
import { invalid, refuse } from '../violations.ts';
import { PARTNER_ID_PATTERN } from './partner-draft.ts';

export const INTEGRATION_TYPES = [
  'onboarding.contract_activated',
  'partner_management.partner_validation',
] as const;
export type IntegrationType = (typeof INTEGRATION_TYPES)[number];

const text = (description: string) => Type.String({ minLength: 1, maxLength: limits.idLength, description });

/** The envelope of an event. */
export const IntegrationEnvelope = Type.Object(
  {
    specversion: Type.Literal('1.0', { description: 'Version of CloudEvents.' }),
    id: text('Identifier, unique within the source: an event that comes again changes nothing.'),
    source: text('Who sends it.'),
    type: Type.String({ description: `What it is: ${INTEGRATION_TYPES.join(', ')}.` }),
    time: Type.Optional(
      Type.String({
        description:
          'When it happened, RFC 3339: of two events about the same, the later one counts, whichever comes first. ' +
          'Without it, when it came.',
      }),
    ),
    data: Type.Unknown({ description: 'What has happened, by type.' }),
  },
  { description: 'An event of another system (CloudEvents 1.0). Unknown attributes are ignored.' },
);
export type IntegrationEnvelope = Static<typeof IntegrationEnvelope>;

const Amount = Type.Unsafe<string | number | Static<typeof MoneyDraft>>({
  type: ['string', 'number', 'object'],
  description: "An amount: in units of the contract's currency, or with a currency of its own.",
});
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const partnerId = Type.String({ pattern: PARTNER_ID_PATTERN, description: 'The partner.' });

export const ContractActivated = Type.Object({
  partner_id: partnerId,
  contract_id: Type.Optional(text('The contract.')),
  campaign_permissions: Type.Optional(
    Type.Object({
      campaign_creation: flag('Whether the partner may create campaigns; it may unless said.'),
      advanced_targeting: flag('Whether they may use advanced targeting.'),
      advanced_targeting_enabled: flag('The same.'),
    }),
  ),
  budget_limits: Type.Optional(
    Type.Object({
      currency: Type.Optional(Type.String({ description: 'ISO 4217 code of the amounts.' })),
      daily_budget_limit: Type.Optional(Amount),
      monthly_budget_limit: Type.Optional(Amount),
      max_active_campaigns: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.slotsPerPartner })),
      welcome_campaign_budget: Type.Optional(Amount),
    }),
  ),
  feature_flags: Type.Optional(
    Type.Object({
      auto_welcome_campaign: flag('Whether the partner gets a campaign to begin with.'),
      advanced_targeting_enabled: flag('Whether its campaigns may use advanced targeting.'),
    }),
  ),
  contract_terms: Type.Optional(
    Type.Object({
      currency: Type.Optional(Type.String({ description: 'ISO 4217 code; USD unless said.' })),
      brand_id: Type.Optional(text('The brand that pays for the welcome campaign; the partner unless said.')),
    }),
  ),
});
export type ContractActivated = Static<typeof ContractActivated>;

export const PartnerValidation = Type.Object({
  partner_id: partnerId,
  validation_status: Type.String({ description: 'How far its data were checked.' }),
});
export type PartnerValidation = Static<typeof PartnerValidation>;

export const checkEnvelope = checker(IntegrationEnvelope, 'event');
export const checkContract = inData(ContractActivated);
export const checkValidation = inData(PartnerValidation);

/** The type that a name stands for: dots and slashes, `_` and `-` are the same. */
export function integrationType(name: string): IntegrationType {
  const plain = name.replaceAll('/', '.').replaceAll('-', '_');
  return (
    INTEGRATION_TYPES.find((type) => type === plain) ??
    refuse([{ field: 'type', description: `must be one of ${INTEGRATION_TYPES.join(', ')}` }])
  );
}

/** A checker whose faults lie in `data`. */
function inData<T extends TSchema>(schema: T): (value: unknown) => Static<T> {
  const check = checker(schema, 'data');
  return (value) => within('data', () => check(value));
}

/** What `work` gives; the fields of its faults lie within another one. */
export function within<R>(outer: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.code !== 'invalid_argument') throw error;
    const { violations = [] } = error.failure;
    throw invalid(
      violations.map(({ field, description }) => ({
        field: field === outer ? field : `${outer}.${field}`,
        description,
      })),
    );
  }
}
