/** Sagas as REST shows them. */
import { type Static, Type } from 'typebox';
import { moneyJson } from '../../../model/money.ts';
import { SAGA_KINDS, SAGA_STATES, type Saga } from '../../application/commissions/saga.ts';
import { formatInstant } from '../../application/instant.ts';
import { instant, Money, words } from '../schema-parts.ts';

export const SagaPath = Type.Object({
  saga_id: Type.String({ description: 'The commission, or the payout.', examples: ['3-1f-0-0'] }),
});

export const SagaResource = Type.Object(
  {
    id: Type.String({ description: "The commission's, or the payout's." }),
    kind: words(SAGA_KINDS, 'What it is of.'),
    state: words(
      SAGA_STATES,
      'RUNNING: it goes on. SETTLED: the money was sent. COMPENSATED: what was done was undone.',
    ),
    partner_id: Type.String({ description: 'Whose money it is.' }),
    amount: Money,
    steps: Type.Array(
      Type.Object({
        at: instant('When.'),
        step: Type.String({ description: 'What has happened.', examples: ['commission_approved'] }),
        detail: Type.Optional(Type.String({ description: 'More of it, in words.' })),
        amount: Type.Optional(Money),
        event_id: Type.Optional(Type.String({ description: 'The event of the conversion.' })),
        transaction_id: Type.Optional(Type.String({ description: 'The transaction of the conversion.' })),
        decision_id: Type.Optional(Type.String({ description: 'The decision on the conversion.' })),
        payout_id: Type.Optional(Type.String({ description: 'The payout.' })),
        ledger_entry_id: Type.Optional(Type.String({ description: "The posting to the partner's books." })),
      }),
      { description: 'In the order in which they happened.' },
    ),
  },
  { $id: 'Saga', description: 'What happens step by step over several actors.' },
);

export function sagaResource({
  sagaId,
  kind,
  state,
  partnerId,
  amount,
  steps,
}: Saga): Static<typeof SagaResource> {
  return {
    id: sagaId,
    kind,
    state,
    partner_id: partnerId,
    amount: moneyJson(amount.micros, amount.currency),
    steps: steps.map((step) => ({
      at: formatInstant(step.at),
      step: step.step,
      ...(step.detail !== undefined && { detail: step.detail }),
      ...(step.amount && { amount: moneyJson(step.amount.micros, step.amount.currency) }),
      ...(step.eventId !== undefined && { event_id: step.eventId }),
      ...(step.transactionId !== undefined && { transaction_id: step.transactionId }),
      ...(step.decisionId !== undefined && { decision_id: step.decisionId }),
      ...(step.payoutId !== undefined && { payout_id: step.payoutId }),
      ...(step.ledgerEntryId !== undefined && { ledger_entry_id: step.ledgerEntryId }),
    })),
  };
}
