/** The REST gateway. */
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { limits } from '../../limits.ts';
import { createAudiences } from '../application/campaigns/audiences.ts';
import type { SomeServices } from '../application/services.ts';
import { requestMetrics } from '../request-metrics.ts';
import { accountRoutes } from './accounts/account-routes.ts';
import { budgetRoutes } from './budgets/budget-routes.ts';
import { audienceRoutes } from './campaigns/audience-routes.ts';
import { campaignRoutes } from './campaigns/campaign-routes.ts';
import { historyRoutes } from './campaigns/history.ts';
import { commissionRoutes } from './commissions/commission-routes.ts';
import { affiliateCampaignRoutes } from './documents/affiliate-campaign-routes.ts';
import { brandCampaignRoutes } from './documents/brand-campaign-routes.ts';
import { paymentRoutes } from './documents/payment-routes.ts';
import { trackingDocumentRoutes } from './documents/tracking-routes.ts';
import { answerClientError } from './http/client-error.ts';
import { JSON_MEDIA_TYPE, parseJsonBody } from './http/json-body.ts';
import { isExpected, type Problem, problem, problemOf } from './http/problem.ts';
import { serveRawPath } from './http/raw-path.ts';
import { decodePath, RouteTable } from './http/route-pattern.ts';
import { isForeign } from './http/same-origin.ts';
import { validatorCompiler } from './http/validation.ts';
import { LiveFeeds } from './live/feeds.ts';
import { liveRoutes } from './live/live-routes.ts';
import { followerOf } from './live/topics.ts';
import { documentation } from './openapi.ts';
import { operationRoutes } from './operation-routes.ts';
import { partnerContentRoutes } from './partners/contents.ts';
import { integrationRoutes } from './partners/integration.ts';
import { partnerRoutes } from './partners/partners.ts';
import { noticeRoute } from './payouts/notice-route.ts';
import { payoutRoutes } from './payouts/payout-routes.ts';
import { deadLetterRoutes } from './tracking/dead-letter-routes.ts';
import { trackingRoutes } from './tracking/tracking-routes.ts';
import { webhookRoutes } from './webhooks/webhook-routes.ts';

/** Without services, the gateway serves operators only. */
export interface HttpServerDependencies extends SomeServices {
  readonly registry: Registry;
  readonly logger: Logger;
  /** Whether the process accepts work: what `/readyz` answers. */
  readonly ready: () => boolean;
  /** Version of the program, for the documentation. */
  readonly version: string;
}

export interface HttpServer {
  /** Listens, on any free port for 0. @returns the port */
  listen(host: string, port: number): Promise<{ readonly port: number }>;
  /** Takes no more connections, answers what is under way, and cuts off what is left after `deadlineMs`. */
  close(deadlineMs?: number): Promise<void>;
}

/** Milliseconds that requests under way are given at shutdown unless said. */
const CLOSE_MS = 3_000;

export async function createHttpServer(dependencies: HttpServerDependencies): Promise<HttpServer> {
  const app = createApp(dependencies.logger);
  const feeds = await assemble(app, dependencies);
  await app.ready();

  return {
    async listen(host, port) {
      await app.listen({ host, port });
      return { port: (app.server.address() as AddressInfo).port };
    },

    async close(deadlineMs = CLOSE_MS) {
      feeds?.end();
      const cut = setTimeout(() => {
        app.server.closeAllConnections();
        feeds?.cut();
      }, deadlineMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}

function createApp(logger: Logger): FastifyInstance {
  const app: FastifyInstance = Fastify({
    bodyLimit: limits.managementBodyBytes,
    requestTimeout: limits.requestMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestMs,
      // How often the two are checked.
      connectionsCheckingInterval: 1_000,
    },
    routerOptions: { maxParamLength: limits.headerBytes },
    // While it closes, what still arrives on an open connection is answered, and the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => send(reply, problemOf(error, traitsOf(request))),
    clientErrorHandler: (error, socket) => {
      if (!serveRawPath(app, error, socket, logger)) answerClientError(error, socket);
    },
  });
  app.server.maxConnections = limits.managementConnections;
  return app;
}

/** @returns the live feed, if there is something to follow */
async function assemble(
  app: FastifyInstance,
  dependencies: HttpServerDependencies,
): Promise<LiveFeeds | undefined> {
  const {
    campaigns,
    budgets,
    commissions,
    tracking,
    deadLetters,
    partners,
    accounts,
    payouts,
    notices,
    integration,
    webhooks,
    registry,
    logger,
    ready,
    version,
  } = dependencies;
  const observe = requestMetrics(registry);
  const routes = new RouteTable();

  app.setValidatorCompiler(validatorCompiler);
  // What is answered is made by functions of the schemas' types; compiling a serializer for each would take
  // most of the time that the start takes.
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    JSON_MEDIA_TYPE,
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
  );
  app.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  // Hooks of every request call back: a promise for each would cost more than what they do.
  app.addHook('onRequest', (request, reply, done) => {
    if (isForeign(request.method, request.headers))
      send(reply, problem(403, 'permission_denied', 'commands are not taken from pages of other sites'));
    else done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    observe('http', route, String(reply.statusCode), reply.elapsedTime / 1_000);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    if (!isExpected(error))
      logger.error({ err: error, method: request.method, url: request.url }, 'request failed');
    return send(reply, problemOf(error, traitsOf(request)));
  });
  app.setNotFoundHandler((request, reply) => send(reply, unknownRoute(request, routes)));

  await documentation(app, version);
  operationRoutes(app, registry, ready);
  if (campaigns) {
    campaignRoutes(app, campaigns);
    historyRoutes(app, campaigns);
    audienceRoutes(app, createAudiences(campaigns));
    brandCampaignRoutes(app, campaigns);
    affiliateCampaignRoutes(app, campaigns);
  }
  if (budgets) budgetRoutes(app, budgets);
  if (commissions) commissionRoutes(app, commissions);
  if (partners) {
    partnerRoutes(app, partners);
    partnerContentRoutes(app, partners);
  }
  if (accounts) accountRoutes(app, accounts);
  if (payouts) {
    payoutRoutes(app, payouts);
    paymentRoutes(app, payouts);
  }
  if (notices) noticeRoute(app, notices);
  if (integration) integrationRoutes(app, integration);
  if (tracking) {
    trackingRoutes(app, tracking);
    trackingDocumentRoutes(app, tracking);
  }
  if (deadLetters) deadLetterRoutes(app, deadLetters);
  if (webhooks) webhookRoutes(app, webhooks);
  if (!campaigns || !partners) return undefined;
  const feeds = new LiveFeeds(followerOf(campaigns, partners), registry);
  liveRoutes(app, feeds);
  return feeds;
}

function send(reply: FastifyReply, { status, headers, body }: Problem): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

const MUTATING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function traitsOf(request: FastifyRequest): { mutating: boolean; conditional: boolean } {
  return {
    mutating: MUTATING.has(request.method),
    conditional: request.headers['if-match'] !== undefined,
  };
}

function unknownRoute(request: FastifyRequest, routes: RouteTable): Problem {
  const [path = ''] = request.url.split('?', 1);
  const allowed = routes.methodsOf(decodePath(path));
  if (allowed.length === 0) return problem(404, 'not_found', 'there is no such route; see /docs');
  const allow = allowed.join(', ');
  return problem(405, 'method_not_allowed', `this route takes ${allow}`, { headers: { allow } });
}
