/** From the words of the source documents to the draft of a campaign. */
import { type Static, Type } from 'typebox';
import type { PublishedEvent } from '../../../model/campaign.ts';
import { UNIT_COST_MODELS } from '../../../model/terms.ts';
import { CampaignDraft } from '../../application/campaigns/campaign-draft.ts';
import { checker } from '../../application/check.ts';
import { Violations } from '../../application/violations.ts';
import { meaningOf, OBJECTIVE_WORDS, TYPE_WORDS } from './campaign-words.ts';

const checkDraft = checker(CampaignDraft, 'body');

/** Of money whose currency is not said, as of the figures of a campaign without money. */
const USUAL_CURRENCY = 'USD';

export const MoneyBody = Type.Object(
  {
    monto: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      description: 'Amount in units of the currency, at most six decimals.',
      examples: [1000.0],
    }),
    moneda: Type.Optional(Type.String({ description: 'ISO 4217 code.', examples: ['USD'] })),
  },
  { description: 'An amount of money. An amount alone is taken as well.' },
);
type MoneyBody = Static<typeof MoneyBody>;

const date = (description: string) =>
  Type.Optional(
    Type.String({
      description: `${description} UTC, unless a time zone is said; a day alone is taken from its first to its last second.`,
      examples: ['2027-01-01T00:00:00'],
    }),
  );

export const DATES = {
  fecha_inicio: date('When the campaign begins.'),
  fecha_fin: date('When the campaign ends.'),
};

/** Whose campaign it is: what the documents call that differs. */
export const OWNERS = {
  id_marca: 'The brand that pays.',
  id_afiliado: 'The affiliate whose campaign it is.',
} as const;
export type Owner = keyof typeof OWNERS;

const FIELDS = {
  id: Type.Optional(Type.String({ description: 'Identifier; minted if absent.' })),
  nombre: Type.String({ description: 'Name for people.', examples: ['Campaña Test'] }),
  tipo: Type.Optional(
    Type.String({
      description: `Kind of campaign: ${Object.values(TYPE_WORDS).join(', ')}; AFILIACION unless said.`,
    }),
  ),
  objetivo: Type.Optional(
    Type.String({
      description: `What it is to achieve: ${Object.values(OBJECTIVE_WORDS).join(', ')}; VENTAS unless said.`,
    }),
  ),
  presupuesto: Type.Optional(MoneyBody),
  ...DATES,
  url_destino: Type.Optional(Type.String({ description: 'http(s) address that clicks are sent to.' })),
  costo: Type.Optional(
    Type.Object(
      {
        modelo: Type.String({ description: `${UNIT_COST_MODELS.join(', ')}.` }),
        tarifa: MoneyBody,
      },
      { description: 'What is paid for, in the currency of the budget; nothing is without it.' },
    ),
  ),
};

export const BrandCampaignBody = Type.Object(
  { ...FIELDS, id_marca: Type.String({ description: OWNERS.id_marca }) },
  { description: 'A campaign to create. Accents may be left out; unknown fields are ignored.' },
);

export const AffiliateCampaignBody = Type.Object(
  { ...FIELDS, id_afiliado: Type.String({ description: OWNERS.id_afiliado }) },
  { description: 'A campaign to create. Accents may be left out; unknown fields are ignored.' },
);

const Fields = Type.Object(FIELDS);

/**
 * The draft that a body stands for.
 *
 * @throws TurnpikeError `invalid_argument`, partly in our names: see `inWordsOf`
 */
export function draftOf(body: Static<typeof Fields>, owner: string): CampaignDraft {
  const violations = new Violations();
  const type = meaningOf(TYPE_WORDS, body.tipo ?? TYPE_WORDS.AFFILIATE, 'tipo', violations);
  const objective = meaningOf(
    OBJECTIVE_WORDS,
    body.objetivo ?? OBJECTIVE_WORDS.SALES,
    'objetivo',
    violations,
  );
  violations.refuse();
  const { id, nombre, presupuesto, url_destino: page, costo } = body;
  const currency = presupuesto?.moneda ?? USUAL_CURRENCY;
  return checkDraft({
    ...(id !== undefined && { campaign_id: id }),
    brand_id: owner,
    name: nombre,
    type,
    objective,
    ...(page !== undefined && { landing_page_url: page }),
    ...(presupuesto && { budget: { total: moneyDraft(presupuesto, currency) } }),
    ...(costo && { cost: { model: costo.modelo, rate: moneyDraft(costo.tarifa, currency) } }),
    ...datesPatch(body),
    launch_needs: [],
    published_events: PUBLISHED,
  });
}

/** The documents tell of these. */
const PUBLISHED: PublishedEvent[] = ['impression', 'conversion', 'metrics'];

/** A merge patch of a campaign's total; in its own currency unless said. */
export function budgetPatch({ monto, moneda }: MoneyBody) {
  return { budget: { total: { amount: monto, ...(moneda !== undefined && { currency: moneda }) } } };
}

/** A merge patch of a campaign's dates; empty without any. */
export function datesPatch({ fecha_inicio: begin, fecha_fin: end }: Static<typeof Dates>) {
  return {
    ...(begin !== undefined && { starts_at: withZone(begin, '00:00:00') }),
    ...(end !== undefined && { ends_at: withZone(end, '23:59:59') }),
  };
}

const Dates = Type.Object(DATES);

function moneyDraft({ monto, moneda }: MoneyBody, currency: string) {
  return { amount: monto, currency: moneda ?? currency };
}

/** The documents' dates say no time zone. @param time of a day alone */
function withZone(text: string, time: string): string {
  const [, day, clock] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?$/.exec(text.trim()) ?? [];
  if (day === undefined) return text;
  const told = clock ?? time;
  return `${day}T${told.length === 5 ? `${told}:00` : told}Z`;
}
