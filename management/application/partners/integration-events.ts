/**
 * Events of other systems about partners: each becomes commands, which carry its id. So it may come any number of
 * times, from any side, and has its effect once.
 */
import { createHash } from 'node:crypto';
import { limits } from '../../../limits.ts';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import { isCurrency, type Money } from '../../../model/money.ts';
import { type PartnerView, USUAL_CURRENCY, VALIDATION_STATUSES } from '../../../model/partner.ts';
import type { Campaigns } from '../campaigns/campaigns.ts';
import { instantOf } from '../campaigns/definition.ts';
import { type CommandContext, commandOf, viewOf } from '../command.ts';
import { newId as mintId } from '../identity.ts';
import { moneyOf } from '../money.ts';
import { refuse, Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import {
  type ContractActivated,
  checkContract,
  checkEnvelope,
  checkValidation,
  type IntegrationEnvelope,
  type IntegrationType,
  integrationType,
  type PartnerValidation,
} from './integration-draft.ts';
import { type Welcome, welcomeCampaign } from './welcome.ts';

/** What an event has come to. */
export interface IntegrationResult {
  readonly id: string;
  readonly type: IntegrationType;
  /** The partner as it is afterwards. */
  readonly partner: PartnerView;
  readonly welcome?: Welcome;
}

export interface IntegrationEvents {
  /**
   * Takes an event, as it was sent.
   *
   * @throws TurnpikeError `invalid_argument` with everything that is wrong with it; what commands throw: send it
   *   again
   */
  take(event: unknown): Promise<IntegrationResult>;
  /** Checks an event as `take` does, and does nothing else. */
  check(event: unknown): void;
}

export interface IntegrationDependencies {
  readonly gateway: ActorGateway;
  readonly campaigns: Campaigns;
  /** Mints a UUIDv7. */
  readonly newId?: () => string;
}

/** An event that is well-formed: the command to the partner that it stands for. */
interface Reading {
  readonly envelope: IntegrationEnvelope;
  readonly type: IntegrationType;
  readonly partnerId: string;
  readonly command: string;
  readonly payload: object;
  readonly welcome?: { readonly budget: Money; readonly brandId: string };
}

const WELCOME_UNITS = 1_000;

export function createIntegrationEvents(dependencies: IntegrationDependencies): IntegrationEvents {
  const { gateway, campaigns, newId = mintId } = dependencies;
  return {
    async take(event) {
      const { envelope, type, partnerId, command, payload, welcome } = reading(event);
      const context = contextOf(envelope);
      const order = { actorKind: 'partner', actorId: partnerId, name: command, payload } as const;
      const partner = viewOf<PartnerView>(await gateway.execute(commandOf(newId(), order, context)));
      const campaign = welcome && (await welcomeCampaign(campaigns, partner, welcome, context));
      return { id: envelope.id, type, partner, ...(campaign && { welcome: campaign }) };
    },

    check: (event) => void reading(event),
  };
}

/** @throws TurnpikeError `invalid_argument` */
function reading(event: unknown): Reading {
  const envelope = checkEnvelope(event);
  const type = integrationType(envelope.type);
  const violations = new Violations();
  const at = instantOf(envelope.time, 'time', violations);
  const when = at === undefined ? {} : { at };
  switch (type) {
    case 'onboarding.contract_activated':
      return { envelope, type, ...contract(checkContract(envelope.data), when, violations) };
    case 'partner_management.partner_validation':
      return { envelope, type, ...validation(checkValidation(envelope.data), when, violations) };
  }
}

function contract(data: ContractActivated, when: { at?: number }, violations: Violations) {
  const { budget_limits: own = {}, campaign_permissions: may = {}, feature_flags: flags = {} } = data;
  const { contract_terms: terms = {} } = data;
  const field = 'data.budget_limits';
  const currency = (own.currency ?? terms.currency ?? USUAL_CURRENCY).toUpperCase();
  if (!isCurrency(currency))
    violations.add(
      own.currency === undefined ? 'data.contract_terms.currency' : `${field}.currency`,
      'must be an ISO 4217 code in use, such as USD',
    );
  violations.refuse();
  const amount = (name: 'daily_budget_limit' | 'monthly_budget_limit' | 'welcome_campaign_budget') => {
    const value = own[name];
    return value === undefined ? undefined : amountOf(value, currency, `${field}.${name}`, violations);
  };
  const dailyBudget = amount('daily_budget_limit');
  const monthlyBudget = amount('monthly_budget_limit');
  const budget = amount('welcome_campaign_budget') ?? { micros: WELCOME_UNITS * 1_000_000, currency };
  if (dailyBudget && monthlyBudget && dailyBudget.currency !== monthlyBudget.currency)
    violations.add(
      `${field}.monthly_budget_limit.currency`,
      `must be that of the daily limit, ${dailyBudget.currency}`,
    );
  violations.refuse();
  const advanced =
    may.advanced_targeting ?? may.advanced_targeting_enabled ?? flags.advanced_targeting_enabled;
  const { max_active_campaigns: maxActiveCampaigns } = own;
  return {
    partnerId: data.partner_id,
    command: 'activate_contract',
    payload: {
      ...when,
      ...(data.contract_id !== undefined && { contractId: data.contract_id }),
      currency,
      permissions: {
        ...(may.campaign_creation !== undefined && { campaignCreation: may.campaign_creation }),
        ...(advanced !== undefined && { advancedTargeting: advanced }),
      },
      limits: {
        ...(dailyBudget && { dailyBudget }),
        ...(monthlyBudget && { monthlyBudget }),
        ...(maxActiveCampaigns !== undefined && { maxActiveCampaigns }),
      },
    },
    ...(flags.auto_welcome_campaign === true && {
      welcome: { budget, brandId: terms.brand_id ?? data.partner_id },
    }),
  };
}

function validation(data: PartnerValidation, when: { at?: number }, violations: Violations) {
  const status = wordOf(VALIDATION_STATUSES, data.validation_status, 'data.validation_status', violations);
  violations.refuse();
  return { partnerId: data.partner_id, command: 'validate', payload: { ...when, status } };
}

/** An amount as contracts write it: a number or decimal in their currency, or money. */
function amountOf(
  value: unknown,
  currency: string,
  field: string,
  violations: Violations,
): Money | undefined {
  if (typeof value === 'string' || typeof value === 'number')
    return moneyOf({ amount: value, currency }, field, violations);
  const { amount, currency: own } = value as { readonly amount?: unknown; readonly currency?: unknown };
  const isAmount = typeof amount === 'string' || typeof amount === 'number';
  if (isAmount && typeof own === 'string') return moneyOf({ amount, currency: own }, field, violations);
  return violations.add(field, 'must be a number, a decimal string, or {"amount","currency"}');
}

/** The event's commands are its own: a source may count its events as another does. */
function contextOf({ id, source }: IntegrationEnvelope): CommandContext {
  return { principal: { subject: `integration:${source}` }, requestId: requestIdOf(source, id) };
}

/** The event's id and source, as they are or, where they do not fit, a digest of them. */
function requestIdOf(source: string, id: string): string {
  const readable = `${source} ${id}`;
  if (readable.length <= limits.requestIdLength && /^[\x21-\x7e]+ [\x21-\x7e]+$/.test(readable))
    return readable;
  return createHash('sha256').update(`${source.length}:${source}${id}`).digest('hex');
}

/** Events in a request: one, or a batch. @throws TurnpikeError `invalid_argument` */
export function eventsOf(body: unknown): readonly unknown[] {
  if (!Array.isArray(body)) return [body];
  if (body.length === 0 || body.length > limits.integrationEvents)
    refuse([{ field: 'body', description: `must hold 1 to ${limits.integrationEvents} events` }]);
  return body;
}
