/** Requests of the source documents, letter by letter. */

export const TRACKING_REQUESTS = {
  impression: `curl -X POST "http://localhost:8000/tracking/impresiones" \\
  -H "Content-Type: application/json" \\
  -d '{
    "id": "imp-123",
    "campaña_id": "cmp-456",
    "influencer_id": "inf-789",
    "usuario_id": "usr-101",
    "tipo_evento": "IMPRESION",
    "user_agent": "Mozilla/5.0...",
    "ip_address": "192.168.1.1",
    "referrer": "https://instagram.com",
    "timestamp": "2024-01-15T10:30:00Z"
  }'`,
  conversion: `curl -X POST "http://localhost:8000/tracking/conversiones" \\
  -H "Content-Type: application/json" \\
  -d '{
    "id": "conv-123",
    "campaña_id": "cmp-456",
    "influencer_id": "inf-789",
    "usuario_id": "usr-101",
    "tipo_conversion": "VENTA",
    "valor": 150000.0,
    "moneda": "COP",
    "user_agent": "Mozilla/5.0...",
    "ip_address": "192.168.1.1",
    "referrer": "https://instagram.com",
    "timestamp": "2024-01-15T10:35:00Z"
  }'`,
} as const;

/** Paths as the documents write them, their parameters filled in. */
export const TRACKING_PATHS = {
  impression: '/tracking/impresiones/imp-123',
  conversion: '/tracking/conversiones/conv-123',
  impressions: '/tracking/campañas/cmp-456/impresiones',
  conversions: '/tracking/campañas/cmp-456/conversiones',
} as const;

export const EVENT_COLLECTOR_REQUESTS = {
  health: `curl 'http://localhost:8090/event-collector/health'`,
  click: `curl -X POST 'http://localhost:8090/event-collector/events' \\
  -H 'Content-Type: application/json' \\
  -H 'User-Agent: Mozilla/5.0 (Test Browser)' \\
  -d '{
    "tipo_evento": "CLICK",
    "id_afiliado": "AFILIADO_001",
    "fuente_evento": "WEB_TAG"
  }'`,
  conversion: `curl -X POST 'http://localhost:8090/event-collector/events' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "tipo_evento": "CONVERSION",
    "id_afiliado": "AFILIADO_PREMIUM",
    "valor_conversion": 299.99,
    "moneda": "USD",
    "fuente_evento": "MOBILE_SDK"
  }'`,
} as const;

/** Lines of the list of routes, with what they say of themselves left out. */
export const BRAND_CAMPAIGN_ROUTES = [
  'POST /campaign-management/campaign',
  'PUT /campaign-management/campaign/{id}/programar',
  'PUT /campaign-management/campaign/{id}/activar',
  'PUT /campaign-management/campaign/{id}/pausar',
  'PUT /campaign-management/campaign/{id}/finalizar',
  'PUT /campaign-management/campaign/{id}/cancelar',
  'PUT /campaign-management/campaign/{id}/actualizar-metricas',
  'GET /campaign-management/campaign/{id}',
  'GET /campaign-management/campaigns/marca/{id_marca}',
  'GET /campaign-management/campaigns/tipo/{tipo}',
  'GET /campaign-management/campaigns/estado/{estado}',
  'GET /campaign-management/campaigns/activas',
] as const;

/** The words for types, objectives and states that the document prints. */
export const BRAND_CAMPAIGN_WORDS = {
  types: ['Afiliación', 'Influencer', 'Lealtad', 'B2B', 'Mixta'],
  objectives: ['Ventas', 'Brand Awareness', 'Engagement', 'Lead Generation', 'Conversión'],
  states: ['Borrador', 'Programada', 'Activa', 'Pausada', 'Finalizada', 'Cancelada'],
} as const;

export const AFFILIATE_CAMPAIGN_REQUESTS = {
  create: `curl -X POST 'http://localhost:8080/api/campaigns/' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "nombre": "Campaña Test",
    "presupuesto": {"monto": 1000.0, "moneda": "USD"},
    "fecha_inicio": "2025-01-01T00:00:00",
    "fecha_fin": "2025-12-31T23:59:59",
    "id_afiliado": "afiliado-test"
  }'`,
  list: `curl 'http://localhost:8080/api/campaigns/'`,
} as const;

/** Lines of the list of routes, as they are but for the comments behind them. */
export const AFFILIATE_CAMPAIGN_ROUTES = `
POST /campaigns/
GET  /campaigns/
GET  /campaigns/{id}
PATCH /campaigns/{id}/activate
PATCH /campaigns/{id}/budget
GET  /campaigns/{id}/metrics
`
  .trim()
  .split('\n');

export const PAYMENT_REQUESTS = {
  create: `curl -X POST 'http://localhost:8000/pagos/' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "id_afiliado": "afiliado-001",
    "monto": 100.50,
    "moneda": "COP",
    "referencia_pago": "test-ref-001"
  }'`,
  get: `curl 'http://localhost:8000/pagos/{id_pago}'`,
} as const;

/** Lines of the list of routes, as they are but for the comments behind them. */
export const PAYMENT_ROUTES = `
POST /pagos/
GET  /pagos/{id_pago}
GET  /pagos/outbox/estadisticas
`
  .trim()
  .split('\n');

/** The states that the document prints. */
export const PAYMENT_WORDS = ['PENDIENTE', 'PROCESANDO', 'EXITOSO', 'FALLIDO'] as const;
