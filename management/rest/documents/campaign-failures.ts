/** Failures in the words of the source documents: the same, with their names of fields and states. */
import type { CampaignStatus } from '../../../model/campaign.ts';
import { type FieldViolation, TurnpikeError } from '../../../model/errors.ts';
import { invalid } from '../../application/violations.ts';
import type { Owner } from './campaign-drafts.ts';
import type { Words } from './campaign-words.ts';

/** Whole fields and, with a dot behind them, what is in them. */
const FIELDS: readonly (readonly [ours: string, theirs: string])[] = [
  ['budget.total.amount', 'presupuesto.monto'],
  ['budget.total.currency', 'presupuesto.moneda'],
  ['budget.total', 'presupuesto'],
  ['cost.rate.amount', 'costo.tarifa.monto'],
  ['cost.rate.currency', 'costo.tarifa.moneda'],
  ['cost.rate', 'costo.tarifa'],
  ['cost.model', 'costo.modelo'],
  ['landing_page_url', 'url_destino'],
  ['campaign_id', 'id'],
  ['starts_at', 'fecha_inicio'],
  ['ends_at', 'fecha_fin'],
];

/** Those that are words of the language as well: fields only by themselves. */
const SINGLE: ReadonlyMap<string, string> = new Map([
  ['name', 'nombre'],
  ['type', 'tipo'],
  ['objective', 'objetivo'],
  ['budget', 'presupuesto'],
  ['cost', 'costo'],
  ['reason', 'motivo'],
]);

/** Translates what was thrown, if it is a failure; anything else comes back as it is. */
export function inWordsOf(owner: Owner, states: Words<CampaignStatus>): (error: unknown) => unknown {
  const names = new Map([...FIELDS, ['brand_id', owner] as const]);
  for (const status of Object.keys(states) as CampaignStatus[]) names.set(status, states[status]);
  const alternatives = [...names.keys()].map((name) => name.replaceAll('.', '\\.')).join('|');
  const pattern = new RegExp(`(?<![\\w./])(?:${alternatives})(?!\\w)`, 'g');
  const translated = (text: string): string => text.replace(pattern, (name) => names.get(name) ?? name);
  const violation = ({ field, description }: FieldViolation): FieldViolation => ({
    field: SINGLE.get(field) ?? translated(field),
    description: translated(description),
  });

  return (error) => {
    if (!(error instanceof TurnpikeError)) return error;
    const { failure } = error;
    const violations = failure.violations?.map(violation);
    if (failure.code === 'invalid_argument' && violations) return invalid(violations);
    return new TurnpikeError(
      {
        ...failure,
        message: translated(failure.message),
        ...(violations && { violations }),
        ...(failure.state !== undefined && { state: translated(failure.state) }),
      },
      { cause: error },
    );
  };
}
