/** An advertiser's little site: an entry page with pixel and tracked link, and a landing page with a beacon. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LandingSite extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
}

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body>${body}</body></html>`;

function entryPage(collector: string, campaignId: string): string {
  const query = `campaign_id=${campaignId}&partner_id=maria`;
  return page(
    'Blog',
    `<img alt="" width="1" height="1" src="${collector}/p.gif?t=impression&${query}">
     <a id="offer" href="${collector}/c/${campaignId}?partner_id=maria">The offer</a>`,
  );
}

function landingPage(collector: string): string {
  return page(
    'Shop',
    `<button id="buy">Buy</button>
     <script>
       document.getElementById('buy').addEventListener('click', () => {
         const clickId = new URL(location.href).searchParams.get('click_id');
         const sale = { type: 'conversion', click_id: clickId, transaction_id: 'order-1', goal: 'sale', value: '19.99', currency: 'USD' };
         document.title = navigator.sendBeacon('${collector}/v1/events', JSON.stringify(sale)) ? 'Thanks' : 'Failed';
       });
     </script>`,
  );
}

/** Serves the entry page at `/blog` and the landing page at `/landing`, both tracking with `collector()`. */
export async function startLandingSite(collector: () => string, campaignId: string): Promise<LandingSite> {
  const server: HttpServer = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const body =
      pathname === '/blog'
        ? entryPage(collector(), campaignId)
        : pathname === '/landing'
          ? landingPage(collector())
          : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
