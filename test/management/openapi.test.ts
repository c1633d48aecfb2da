import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from './http-client.ts';
import { ManagementSystem } from './management-system.ts';

describe('the documentation', () => {
  let system: ManagementSystem;
  beforeAll(async () => {
    system = await ManagementSystem.start();
  });
  afterAll(() => system?.[Symbol.asyncDispose]());

  const document = async () => (await send(system.http, 'GET /openapi.json')).body;

  test('is a valid OpenAPI 3.1 document', async () => {
    const result = await new Validator().validate(await document());
    expect(result).toEqual({ valid: true });
    expect(await document()).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Turnpike', version: '1.2.3' },
    });
  });

  test('names every route as clients write it', async () => {
    const { paths } = await document();
    expect(Object.keys(paths).sort()).toEqual(
      [
        '/campaign-management/campaign',
        '/campaign-management/campaign/{id}',
        '/campaign-management/campaign/{id}/activar',
        '/campaign-management/campaign/{id}/actualizar-metricas',
        '/campaign-management/campaign/{id}/cancelar',
        '/campaign-management/campaign/{id}/finalizar',
        '/campaign-management/campaign/{id}/pausar',
        '/campaign-management/campaign/{id}/programar',
        '/campaign-management/campaigns/activas',
        '/campaign-management/campaigns/estado/{estado}',
        '/campaign-management/campaigns/marca/{id_marca}',
        '/campaign-management/campaigns/tipo/{tipo}',
        '/campaigns/',
        '/campaigns/{id}',
        '/campaigns/{id}/activate',
        '/campaigns/{id}/budget',
        '/campaigns/{id}/metrics',
        '/healthz',
        '/metrics',
        '/readyz',
        '/tracking/campañas/{campaign_id}/conversiones',
        '/tracking/campañas/{campaign_id}/impresiones',
        '/tracking/conversiones/{id}',
        '/tracking/impresiones/{id}',
        '/v1/campaigns',
        '/v1/campaigns/{campaign_id}',
        '/v1/campaigns/{campaign_id}/budget',
        '/v1/campaigns/{campaign_id}/budget/allocations',
        '/v1/campaigns/{campaign_id}/budget/forecast',
        '/v1/campaigns/{campaign_id}/budget:authorize-extra',
        '/v1/campaigns/{campaign_id}/budget:reallocate',
        '/v1/campaigns/{campaign_id}/budget:record-spend',
        '/v1/campaigns/{campaign_id}/attribution',
        '/v1/campaigns/{campaign_id}/conservation',
        '/v1/campaigns/{campaign_id}/events',
        '/v1/campaigns/{campaign_id}/events/{event_id}',
        '/v1/campaigns/{campaign_id}/history',
        '/v1/campaigns/{campaign_id}/live',
        '/v1/campaigns/{campaign_id}/metrics',
        '/v1/campaigns/{campaign_id}/targeting/reach',
        '/v1/campaigns/{campaign_id}:activate',
        '/v1/campaigns/{campaign_id}:cancel',
        '/v1/campaigns/{campaign_id}:complete',
        '/v1/campaigns/{campaign_id}:pause',
        '/v1/campaigns/{campaign_id}:refund-conversion',
        '/v1/campaigns/{campaign_id}:resume',
        '/v1/campaigns/{campaign_id}:schedule',
        '/v1/dead-letters',
        '/v1/dead-letters/{id}',
        '/v1/dead-letters/{id}:replay',
        '/v1/integration-events',
        '/v1/live',
        '/v1/partners',
        '/v1/partners/{partner_id}',
        '/v1/partners/{partner_id}/campaigns',
        '/v1/partners/{partner_id}:associate',
        '/v1/partners/{partner_id}:associate-content',
        '/v1/partners/{partner_id}/contents',
        '/v1/partners/{partner_id}/account',
        '/v1/partners/{partner_id}/account/lots',
        '/v1/partners/{partner_id}/account/terms',
        '/v1/partners/{partner_id}/ledger',
        '/v1/partners/{partner_id}/live',
        '/pagos/',
        '/pagos/{id}',
        '/pagos/outbox/estadisticas',
        '/v1/gateway/notices',
        '/v1/commissions',
        '/v1/commissions/{commission_id}',
        '/v1/sagas/{saga_id}',
        '/v1/payouts',
        '/v1/payouts/{payout_id}',
        '/v1/targeting:compare',
        '/v1/targeting:estimate-reach',
        '/v1/targeting:validate',
        '/v1/webhooks',
        '/v1/webhooks/{webhook_id}',
        '/v1/webhooks/{webhook_id}:rotate-secret',
        '/v1/webhooks/{webhook_id}:test',
      ].sort(),
    );
  });

  test('holds each resource once, under its name', async () => {
    const { components, paths } = await document();
    expect(Object.keys(components.schemas).sort()).toEqual([
      'Account',
      'AccountLots',
      'Budget',
      'Campaign',
      'CampaignConservation',
      'CampaignHistory',
      'CampaignList',
      'CampaignMetrics',
      'CampanaDeAfiliado',
      'CampanaDeMarca',
      'CloudEvent',
      'Commission',
      'CommissionList',
      'CommissionPlan',
      'Conversion',
      'ConversionRefund',
      'DeadLetter',
      'DeadLetterList',
      'EstadisticasDeSalida',
      'EstadisticasOutbox',
      'EventAccount',
      'FinalFigures',
      'Impresion',
      'IntegrationResult',
      'LedgerList',
      'LiveError',
      'LiveMetrics',
      'LivePartner',
      'MetricasCampana',
      'Pago',
      'Partner',
      'PartnerCampaigns',
      'PartnerContents',
      'PartnerCreditsList',
      'PartnerList',
      'Payout',
      'PayoutList',
      'PayoutTerms',
      'Problem',
      'ReachEstimate',
      'RecordedSpend',
      'Saga',
      'SpendForecast',
      'Targeting',
      'TargetingOverlap',
      'TargetingVerdict',
      'TrackedEvent',
      'TrackedEventList',
      'Webhook',
      'WebhookList',
      'WebhookTest',
    ]);
    expect(
      paths['/v1/campaigns/{campaign_id}'].get.responses['200'].content['application/json'].schema,
    ).toEqual({
      $ref: '#/components/schemas/Campaign',
    });
  });

  test('says which bodies may be left out', async () => {
    const { paths } = await document();
    expect(paths['/v1/campaigns'].post.requestBody.required).toBe(true);
    expect(paths['/v1/campaigns/{campaign_id}:pause'].post.requestBody.required).toBe(false);
    expect(paths['/campaign-management/campaign'].post.requestBody.required).toBe(true);
    expect(paths['/campaign-management/campaign/{id}/pausar'].put.requestBody.required).toBe(false);
    expect(paths['/campaigns/{id}/budget'].patch.requestBody.required).toBe(true);
  });

  test('describes every operation and every field of what is sent', async () => {
    const { paths } = await document();
    const undescribed: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, { operationId?: string; summary?: string }>>(
      paths,
    )) {
      for (const [method, { operationId, summary }] of Object.entries(methods)) {
        if (!operationId || !summary) undescribed.push(`${method} ${path}`);
      }
    }
    const { properties } = paths['/v1/campaigns'].post.requestBody.content['application/json'].schema;
    for (const [name, { description }] of Object.entries<{ description?: string }>(properties)) {
      if (!description) undescribed.push(name);
    }
    expect(undescribed).toEqual([]);
  });

  test('can be read in a browser without any other server', async () => {
    const page = await send(system.http, 'GET /docs');
    expect(page.status).toBe(200);
    expect(page.body).toContain('swagger-ui');
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses.length).toBeGreaterThan(3);
    expect(addresses.filter((address) => /^(https?:)?\/\//.test(address))).toEqual([]);
  });
});
