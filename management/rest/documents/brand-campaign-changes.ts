/** What the document on campaign management does to campaigns: `PUT …/campaign/{id}/{verb}`. */
import { type Static, type TSchema, Type } from 'typebox';
import type { CampaignView } from '../../../model/campaign.ts';
import type { Campaigns, LifecycleVerb } from '../../application/campaigns/campaigns.ts';
import type { CommandContext } from '../../application/command.ts';
import { isObject } from '../../application/merge-patch.ts';
import { contextOf, etagHeader } from '../http/conditions.ts';
import { NOT_FOUND, PROBLEMS } from '../responses.ts';
import { ChangeHeaders, shared } from '../schemas.ts';
import { DATES, datesPatch } from './campaign-drafts.ts';
import { BrandCampaign, campaignDocument, figuresDocument } from './campaign-resources.ts';
import {
  activate,
  CHANGE_PROBLEMS,
  type DocumentScope,
  ID,
  IdPath,
  part,
  ReasonBody,
  TAGS,
} from './campaign-scope.ts';
import { BRAND_STATES } from './campaign-words.ts';

export const ROOT = '/campaign-management';
export const CAMPAIGN = `${ROOT}/campaign`;

/** What the document calls the verbs that need nothing else. */
const VERBS = [
  { word: 'pausar', verb: 'pause', summary: 'Halt a running campaign' },
  { word: 'finalizar', verb: 'complete', summary: 'End a campaign and make its figures final' },
  { word: 'cancelar', verb: 'cancel', summary: 'Give a campaign up' },
] as const satisfies readonly { word: string; verb: LifecycleVerb; summary: string }[];

/** Names of sent figures that an answer repeats at most. */
const MOST_NAMES = 20;

const ScheduleBody = Type.Object({ ...ReasonBody.properties, ...DATES });

const SentFigures = Type.Unknown({
  description:
    'Figures may be sent as the document has it, and change nothing: figures are counted from events alone.',
  examples: [{ ventas: 10, engagement: 250, presupuesto_utilizado: 1000.0 }],
});

export const document = (view: CampaignView) => campaignDocument(view, 'id_marca', BRAND_STATES);

export function brandCampaignChanges(scope: DocumentScope, campaigns: Campaigns): void {
  for (const { word, verb, summary } of VERBS) {
    change(scope, word, summary, ReasonBody, (id, { motivo }, context) =>
      campaigns.change(id, verb, motivo, context),
    );
  }
  const start = 'Start a campaign now, or go on with a halted one';
  change(scope, 'activar', start, ReasonBody, (id, { motivo }, context) =>
    activate(campaigns, id, motivo, context),
  );
  const arrange = 'Make a draft ready to begin by itself, at the dates of the body if it has any';
  change(scope, 'programar', arrange, ScheduleBody, (id, body, context) =>
    schedule(campaigns, id, body, context),
  );
  figures(scope, campaigns);
}

function change<B extends TSchema>(
  scope: DocumentScope,
  word: string,
  summary: string,
  body: B,
  perform: (id: string, body: Static<B>, context: CommandContext) => Promise<CampaignView>,
): void {
  scope.put(
    `${CAMPAIGN}/${ID}/${word}`,
    {
      schema: {
        operationId: `${word}Campana`,
        summary,
        tags: TAGS,
        params: IdPath,
        headers: ChangeHeaders,
        body,
        response: { 200: shared(BrandCampaign), ...CHANGE_PROBLEMS },
      },
    },
    async (request, reply) => {
      const view = await perform(request.params.id, request.body as Static<B>, contextOf(request.headers));
      reply.header('etag', etagHeader(view.etag));
      return document(view);
    },
  );
}

/** The dates first: a draft that cannot be scheduled keeps them. */
async function schedule(
  campaigns: Campaigns,
  id: string,
  body: Static<typeof ScheduleBody>,
  context: CommandContext,
): Promise<CampaignView> {
  const dates = datesPatch(body);
  if (Object.keys(dates).length === 0) return campaigns.change(id, 'schedule', body.motivo, context);
  const { etag: _, ...next } = context;
  await campaigns.update(id, dates, part(context, 'dates'));
  return campaigns.change(id, 'schedule', body.motivo, next);
}

function figures(scope: DocumentScope, campaigns: Campaigns): void {
  scope.put(
    `${CAMPAIGN}/${ID}/actualizar-metricas`,
    {
      schema: {
        operationId: 'actualizarMetricasCampana',
        summary: 'Get a campaign with its figures as they are now',
        description:
          'Figures are counted from events, which the actor of the campaign judges one by one: nobody can set ' +
          'them. What the body says of them is not taken, and `cifras_no_tomadas` names it.',
        tags: TAGS,
        params: IdPath,
        body: SentFigures,
        response: { 200: shared(BrandCampaign), ...NOT_FOUND, ...PROBLEMS },
      },
    },
    async ({ params, body }) => {
      const view = await campaigns.get(params.id);
      const current = figuresDocument(await campaigns.figures(params.id, {}));
      const sent = namesOf(body);
      return {
        ...document(view),
        metricas: current,
        ...(sent.length > 0 && {
          cifras_no_tomadas: sent,
          mensaje: 'figures are counted from events alone: those that were sent have changed nothing',
        }),
      };
    },
  );
}

/** Names of the figures in a body, or in the `metricas` of it. */
function namesOf(body: unknown): string[] {
  if (!isObject(body)) return [];
  const { metricas = body } = body;
  return isObject(metricas) ? Object.keys(metricas).slice(0, MOST_NAMES) : [];
}
