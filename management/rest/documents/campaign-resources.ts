/** Campaigns and their figures in the words of the source documents: schemas, and the way there. */
import { type Static, Type } from 'typebox';
import type { CampaignStatus, CampaignView } from '../../../model/campaign.ts';
import { formatMicros } from '../../../model/money.ts';
import { ratiosOf } from '../../../model/ratios.ts';
import { isShare } from '../../../model/terms.ts';
import type { Figures } from '../../application/figures/figures.ts';
import { formatInstant } from '../../application/instant.ts';
import { count, instant, shared, words } from '../schemas.ts';
import { OWNERS, type Owner } from './campaign-drafts.ts';
import { AFFILIATE_STATES, BRAND_STATES, OBJECTIVE_WORDS, TYPE_WORDS, type Words } from './campaign-words.ts';

const Money = Type.Object({
  monto: Type.Number({ description: 'In units of the currency; exact under /v1.' }),
  moneda: Type.String({ description: 'ISO 4217 code.', examples: ['USD'] }),
});
type Money = Static<typeof Money>;

const ratio = (description: string) =>
  Type.Unsafe<number | null>({
    type: ['number', 'null'],
    description: `${description} null: nothing to divide by.`,
  });

export const FiguresDocument = Type.Object(
  {
    id_campana: Type.String({ description: 'The campaign.' }),
    fecha_corte: instant('The moment up to which events are included.'),
    ventas: count('Accepted conversions.'),
    engagement: count('What people did: accepted clicks and conversions.'),
    presupuesto_utilizado: Money,
    ingresos: Money,
    comision: Money,
    impresiones: count('Accepted impressions.'),
    clicks: count('Accepted clicks.'),
    clicks_unicos: count("Clicks that were their visitor's first."),
    conversiones: count('Accepted conversions.'),
    recibidos: count('Events received: the sum of the next four.'),
    aceptados: count('Events that count.'),
    duplicados: count('Repeats.'),
    rechazados: count('Events that do not count.'),
    pendientes: count('Events kept but not paid for.'),
    ctr: ratio('Clicks per impression.'),
    cvr: ratio('Conversions per click.'),
    cpc: ratio('Spend per click.'),
    cpa: ratio('Spend per conversion.'),
    cpm: ratio('Spend per thousand impressions.'),
    roas: ratio('Revenue per spend.'),
    roi: ratio('Revenue less spend, per spend.'),
    puntaje_exito: Type.Optional(
      Type.Number({ description: 'How near it has come to its targets, up to 1. Only with targets.' }),
    ),
  },
  { $id: 'MetricasCampana', description: "A campaign's live figures, in the words of the documents." },
);
export type FiguresDocument = Static<typeof FiguresDocument>;

const FIELDS = {
  id: Type.String({ description: 'Identifier.' }),
  nombre: Type.String({ description: 'Name for people.' }),
  tipo: words(Object.values(TYPE_WORDS), 'Kind of campaign.'),
  objetivo: words(Object.values(OBJECTIVE_WORDS), 'What the campaign is to achieve.'),
  motivo: Type.Optional(Type.String({ description: 'The reason given with the last change of state.' })),
  presupuesto: Type.Optional(Money),
  costo: Type.Optional(Type.Object({ modelo: Type.String(), tarifa: Money })),
  url_destino: Type.Optional(Type.String({ description: 'Where clicks are sent to.' })),
  fecha_inicio: Type.Optional(instant('When the campaign begins.')),
  fecha_fin: Type.Optional(instant('When the campaign ends.')),
  fecha_creacion: instant('When the campaign was created.'),
  fecha_actualizacion: instant('When the campaign was last changed.'),
};

export const BrandCampaign = Type.Object(
  {
    ...FIELDS,
    estado: words(Object.values(BRAND_STATES), 'Where the campaign is in its life.'),
    id_marca: Type.String({ description: OWNERS.id_marca }),
    metricas: Type.Optional(shared(FiguresDocument)),
    cifras_no_tomadas: Type.Optional(
      Type.Array(Type.String(), { description: 'Figures that were sent and have changed nothing.' }),
    ),
    mensaje: Type.Optional(Type.String({ description: 'What became of the request, in words.' })),
  },
  { $id: 'CampanaDeMarca', description: 'A campaign of a brand, in the words of the documents.' },
);

export const AffiliateCampaign = Type.Object(
  {
    ...FIELDS,
    estado: words(Object.values(AFFILIATE_STATES), 'Where the campaign is in its life.'),
    id_afiliado: Type.String({ description: OWNERS.id_afiliado }),
  },
  { $id: 'CampanaDeAfiliado', description: 'A campaign of an affiliate, in the words of the documents.' },
);

/** A campaign with its owner and its state as one of the documents calls them. */
export function campaignDocument<O extends Owner>(
  view: CampaignView,
  owner: O,
  states: Words<CampaignStatus>,
) {
  const { budgetTotal, cost } = view;
  return {
    id: view.campaignId,
    nombre: view.name,
    ...({ [owner]: view.brandId } as Record<O, string>),
    tipo: TYPE_WORDS[view.type],
    objetivo: OBJECTIVE_WORDS[view.objective],
    estado: states[view.status],
    ...(view.statusReason !== undefined && { motivo: view.statusReason }),
    ...(budgetTotal && { presupuesto: money(budgetTotal.micros, budgetTotal.currency) }),
    ...(cost &&
      !isShare(cost) && {
        costo: { modelo: cost.model, tarifa: money(cost.rate.micros, cost.rate.currency) },
      }),
    ...(view.landingPageUrl !== undefined && { url_destino: view.landingPageUrl }),
    ...(view.startsAt !== undefined && { fecha_inicio: formatInstant(view.startsAt) }),
    ...(view.endsAt !== undefined && { fecha_fin: formatInstant(view.endsAt) }),
    fecha_creacion: formatInstant(view.createdAt),
    fecha_actualizacion: formatInstant(view.updatedAt),
  };
}

export function figuresDocument({ campaignId, asOf, currency, totals, successScore }: Figures) {
  return {
    id_campana: campaignId,
    fecha_corte: formatInstant(asOf),
    ventas: totals.conversions,
    engagement: totals.clicks + totals.conversions,
    presupuesto_utilizado: money(totals.spendMicros, currency),
    ingresos: money(totals.revenueMicros, currency),
    comision: money(totals.commissionMicros, currency),
    impresiones: totals.impressions,
    clicks: totals.clicks,
    clicks_unicos: totals.uniqueClicks,
    conversiones: totals.conversions,
    recibidos: totals.received,
    aceptados: totals.accepted,
    duplicados: totals.duplicates,
    rechazados: totals.rejected,
    pendientes: totals.pending,
    ...ratiosOf(totals),
    ...(successScore !== undefined && { puntaje_exito: successScore }),
  } satisfies FiguresDocument;
}

/** The documents have numbers: up to 15 digits it is the amount, and rounded beyond. */
function money(micros: number | bigint, currency: string): Money {
  return { monto: Number(formatMicros(micros, currency)), moneda: currency };
}
